package dev.sandpool.server.identity;

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
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** Somebody else's issuer on loopback: discovery, keys, and tokens as they are wished for. */
final class TestIssuer implements AutoCloseable {
  final AtomicInteger fetched = new AtomicInteger();
  final RSAKey key = rsa("one");
  private final HttpServer server;
  private volatile @Nullable String keys;
  private volatile @Nullable String named;

  TestIssuer() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/realm/.well-known/openid-configuration",
        exchange ->
            answer(
                exchange,
                "{\"issuer\":\"%s\",\"jwks_uri\":\"%s\"}"
                    .formatted(discovered(), name() + "/keys")));
    server.createContext(
        "/realm/keys",
        exchange -> {
          fetched.incrementAndGet();
          String served = keys;
          answer(exchange, served == null ? new JWKSet(key.toPublicJWK()).toString() : served);
        });
    server.start();
  }

  private static void answer(com.sun.net.httpserver.HttpExchange exchange, String text)
      throws IOException {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    exchange.sendResponseHeaders(200, bytes.length);
    try (var out = exchange.getResponseBody()) {
      out.write(bytes);
    }
  }

  private String discovered() {
    String other = named;
    return other == null ? name() : other;
  }

  /** The keys' document is that from now on. */
  void serve(String document) {
    keys = document;
  }

  /** The discovery document says that name. */
  void callItself(String name) {
    named = name;
  }

  static RSAKey rsa(String id) {
    try {
      return new RSAKeyGenerator(2048).keyID(id).generate();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  String name() {
    return "http://127.0.0.1:" + server.getAddress().getPort() + "/realm";
  }

  static String sign(RSAKey key, @Nullable JOSEObjectType type, JWTClaimsSet claims) {
    try {
      JWSHeader header =
          new JWSHeader.Builder(JWSAlgorithm.RS256).type(type).keyID(key.getKeyID()).build();
      SignedJWT jwt = new SignedJWT(header, claims);
      jwt.sign(new RSASSASigner(key));
      return jwt.serialize();
    } catch (JOSEException e) {
      throw new AssertionError(e);
    }
  }

  @Override
  public void close() {
    server.stop(0);
  }
}
