package dev.sandpool.server.identity;

import java.net.URI;
import java.util.function.Supplier;

/**
 * The name and the addresses of the built-in authority. Its base is asked for each time, because
 * the port may be known only after it is bound.
 */
public final class Issuer {
  private final String tenant;
  private final Supplier<URI> base;

  /** The authority of that tenant under that URL, which has no slash at its end. */
  public Issuer(String tenant, Supplier<URI> base) {
    this.tenant = tenant;
    this.base = base;
  }

  /** The only tenant, a GUID. */
  public String tenant() {
    return tenant;
  }

  /** The {@code iss} of all tokens. */
  public String name() {
    return authority() + "/v2.0";
  }

  /** Where to log in, as challenges name it. */
  public String authority() {
    return base.get() + "/" + tenant;
  }

  /** Host and port of the base. */
  String host() {
    return base.get().getAuthority();
  }

  String tokenEndpoint() {
    return authority() + "/oauth2/v2.0/token";
  }

  String authorizationEndpoint() {
    return authority() + "/oauth2/v2.0/authorize";
  }

  String keys() {
    return authority() + "/discovery/v2.0/keys";
  }
}
