package dev.sandpool.e2e;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.sandpool.model.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Somebody else's authority on loopback, in the shape of a Keycloak realm: discovery, keys, signed
 * access tokens with groups. And a token endpoint that believes everybody and keeps what it was
 * asked.
 */
final class StandInIssuer implements AutoCloseable {
  private static final String REALM = "/realms/agents";

  /** All forms that came to the token endpoint. */
  final List<String> asked = new CopyOnWriteArrayList<>();

  private final HttpServer server;
  private final RSAKey key;

  StandInIssuer() throws IOException, JOSEException {
    key = new RSAKeyGenerator(2048).keyID("realm-key").generate();
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        REALM + "/.well-known/openid-configuration",
        exchange -> answer(exchange, Map.of("issuer", name(), "jwks_uri", name() + "/certs")));
    server.createContext(
        REALM + "/certs",
        exchange -> answer(exchange, new JWKSet(key.toPublicJWK()).toJSONObject()));
    server.createContext(
        REALM + "/token",
        exchange -> {
          byte[] form = exchange.getRequestBody().readAllBytes();
          asked.add(new String(form, StandardCharsets.UTF_8));
          answer(exchange, Map.of("access_token", "theirs-" + asked.size(), "expires_in", 3600));
        });
    server.start();
  }

  private static void answer(HttpExchange exchange, Map<String, ?> document) throws IOException {
    byte[] bytes = Json.MAPPER.writeValueAsBytes(document);
    exchange.getResponseHeaders().add("Content-Type", "application/json");
    exchange.sendResponseHeaders(200, bytes.length);
    try (var out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  /** The {@code iss} of its tokens. */
  String name() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + REALM;
  }

  /** An access token. */
  String token(String subject, String audience, String... groups) throws JOSEException {
    Instant now = Instant.now();
    var claims =
        new JWTClaimsSet.Builder()
            .issuer(name())
            .subject(subject)
            .audience(audience)
            .claim("typ", "Bearer")
            .claim("azp", "my-app")
            .claim("groups", List.of(groups))
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plusSeconds(300)))
            .build();
    var header =
        new JWSHeader.Builder(JWSAlgorithm.RS256)
            .type(JOSEObjectType.JWT)
            .keyID(key.getKeyID())
            .build();
    var token = new SignedJWT(header, claims);
    token.sign(new RSASSASigner(key));
    return token.serialize();
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
