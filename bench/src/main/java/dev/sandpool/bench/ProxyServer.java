package dev.sandpool.bench;

import dev.sandpool.server.SessionNames;
import dev.sandpool.server.audit.Audit;
import dev.sandpool.server.gateway.AccessLog;
import dev.sandpool.server.gateway.Gateway;
import dev.sandpool.server.gateway.GatewayParts;
import dev.sandpool.server.gateway.GatewaySettings;
import dev.sandpool.server.gateway.GatewayVertx;
import dev.sandpool.server.gateway.PoolRoute;
import dev.sandpool.server.gateway.PoolRoutes;
import dev.sandpool.server.gateway.SandboxConnections;
import dev.sandpool.server.gateway.TlsIdentity;
import dev.sandpool.server.gateway.TokenCheck;
import dev.sandpool.server.gateway.TrafficMeters;
import dev.sandpool.server.identity.AdminContext;
import dev.sandpool.server.identity.Identity;
import dev.sandpool.server.identity.Plane;
import dev.sandpool.server.identity.TokenRequest;
import dev.sandpool.server.identity.TokenResponse;
import dev.sandpool.server.identity.TokenRules;
import dev.sandpool.server.identity.TokenVerifier;
import dev.sandpool.server.metrics.Metrics;
import dev.sandpool.server.role.Roles;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.time.Time;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The process that is measured against nginx and haproxy: gateway, tokens, sessions and ledger of
 * the server on one event loop; its only sandboxes are the backend that all peers share.
 */
public final class ProxyServer {
  /** Option: answers TLS with {@code cert.pem} and {@code key.pem} of the folder. */
  static final String TLS = "--tls";

  /** Option: writes {@code access.log} into the folder. */
  static final String LOG = "--access-log";

  static final String BASE = "/subscriptions/s/resourceGroups/rg/sessionPools/bench";

  private ProxyServer() {}

  /**
   * Prints {@code ready PORT} and serves until it is ended.
   *
   * @param args a folder, which gets the file {@code token}, the backend's port, and options
   */
  public static void main(String[] args) throws Exception {
    Path folder = Path.of(args[0]);
    List<String> options = List.of(args).subList(2, args.length);
    Identity identity = identity(folder);
    var server =
        new SimulatedServer<>(folder, Integer.parseInt(args[1]), 2, SandboxConnections::new);
    server.awaitReady(2);
    Vertx vertx = GatewayVertx.create(1);
    var routes = new PoolRoutes();
    routes.replace(
        List.of(new PoolRoute(server.pool(), "bench", "s", "rg", "http://127.0.0.1" + BASE)));
    var parts =
        new GatewayParts(
            server.sessions(),
            routes,
            new Tokens(identity.verifier(), new Roles(List::of)),
            Time.system(),
            null,
            null,
            options.contains(LOG) ? accessLog(folder) : null,
            Audit.NONE,
            null,
            new Metrics().server(),
            new TrafficMeters());
    var settings = new GatewaySettings(null, null, 1, GatewaySettings.Limits.defaults());
    TlsIdentity tls = options.contains(TLS) ? tls(vertx, folder) : null;
    int port = new Gateway(vertx, settings, parts, tls).start("127.0.0.1", 0);
    Bench.writePrivate(folder.resolve("token"), token(identity, folder));
    System.out.println("ready " + port);
    Thread.currentThread().join();
  }

  private static AccessLog accessLog(Path folder) throws IOException {
    return new AccessLog(
        folder.resolve("access.log"), new SessionNames(DataKey.of(new byte[32]))::of);
  }

  private static TlsIdentity tls(Vertx vertx, Path folder) throws IOException {
    return TlsIdentity.read(
        vertx, folder.resolve("cert.pem"), folder.resolve("key.pem"), Instant.now());
  }

  static Identity identity(Path folder) throws IOException {
    var places =
        new Identity.Places(
            folder.resolve("signing"),
            folder.resolve("principals"),
            folder.resolve("admin.json"),
            folder.resolve("registry.key"));
    var rules =
        new TokenRules(Duration.ofHours(1), Duration.ofDays(90), Duration.ofSeconds(60), false);
    return Identity.open(
        places,
        DataKey.of(new byte[32]),
        rules,
        () -> URI.create("http://127.0.0.1"),
        Instant::now);
  }

  private static String token(Identity identity, Path folder) throws IOException {
    AdminContext admin = AdminContext.read(folder.resolve("admin.json")).orElseThrow();
    var form =
        Map.of(
            "grant_type", List.of("client_credentials"),
            "client_id", List.of(admin.clientId()),
            "client_secret", List.of(admin.clientSecret()),
            "scope", List.of(Plane.DATA.audience() + "/.default"));
    return switch (identity
        .authority()
        .token(new TokenRequest(admin.tenant(), form, Optional.empty()))) {
      case TokenResponse.Issued issued -> issued.token();
      case TokenResponse.ForRegistry _, TokenResponse.Later _, TokenResponse.Refused _ ->
          throw new IOException("the authority gave no token");
    };
  }

  /** The gateway's question about a token, put to identity as the server does it. */
  record Tokens(TokenVerifier verifier, Roles roles) implements TokenCheck {
    private Accepted accepted(dev.sandpool.server.identity.Verdict.Accepted accepted) {
      return new Accepted(
          accepted.principal().clientId(), accepted.caller(), roles.of(accepted.caller()));
    }

    @Override
    public Verdict known(String token) {
      return verifier
          .known(token, Plane.DATA, Instant.now())
          .<Verdict>map(this::accepted)
          .orElse(Unknown.INSTANCE);
    }

    @Override
    public Verdict verify(String token) {
      return switch (verifier.verify(token, Plane.DATA)) {
        case dev.sandpool.server.identity.Verdict.Accepted accepted -> accepted(accepted);
        case dev.sandpool.server.identity.Verdict.Refused refused ->
            new Refused("Unauthenticated", refused.message());
      };
    }
  }
}
