package dev.sandpool.server.identity;

import dev.sandpool.server.audit.Audit;
import dev.sandpool.server.audit.AuditEvent;
import dev.sandpool.server.audit.AuditEvent.Kind;
import dev.sandpool.server.audit.AuditEvent.Result;
import dev.sandpool.server.audit.Refusals;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the authority leaves in the audit: each token that it issues, before it is handed out, and
 * each that it refuses. A token is handed out also while nothing can be recorded, since running
 * applications would stop for want of one; it is recorded afterwards.
 */
public final class TokenTrail {
  private final Audit audit;
  private final Refusals refusals;
  private final InstantSource clock;

  public TokenTrail(Audit audit, InstantSource clock) {
    this.audit = audit;
    this.refusals = new Refusals(audit);
    this.clock = clock;
  }

  void answered(TokenRequest request, TokenResponse response, @Nullable String from) {
    switch (response) {
      case TokenResponse.Issued issued ->
          audit.attempt(
              AuditEvent.of(clock.instant(), Kind.TOKEN, "issue", Result.DONE)
                  .by(client(request), from)
                  .with(
                      Map.of(
                          "scope", first(request, "scope", first(request, "resource", "")),
                          "seconds", Long.toString(issued.lifetime().toSeconds()))));
      case TokenResponse.ForRegistry issued ->
          audit.attempt(
              AuditEvent.of(clock.instant(), Kind.TOKEN, "issue", Result.DONE)
                  .by(issued.clientId(), from)
                  .with(
                      Map.of(
                          "registry", first(request, "service", ""),
                          "scope", String.join(" ", issued.scopes()),
                          "seconds", Long.toString(issued.lifetime().toSeconds()))));
      case TokenResponse.Later _ -> {
        // What led to it is in the record already.
      }
      case TokenResponse.Refused refused ->
          refusals.note(
              clock.instant(), "issue", client(request), from, "token", "", refused.error());
    }
  }

  /** As it was said: of a request that is refused nobody knows whether it is true. */
  private static @Nullable String client(TokenRequest request) {
    try {
      var form = new OAuthForm(request);
      return request.authorization().isPresent() ? form.basic().id() : form.client().id();
    } catch (OAuthForm.Wrong e) {
      return null;
    }
  }

  private static String first(TokenRequest request, String name, String otherwise) {
    List<String> values = request.form().getOrDefault(name, List.of());
    return values.isEmpty() ? otherwise : values.getFirst();
  }
}
