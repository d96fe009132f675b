package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.server.identity.ClientKeys;
import dev.sandpool.server.identity.Identity;
import dev.sandpool.server.identity.Principals;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Service principals of the built-in authority, and its signing key. A secret stands in the answer
 * that makes it, and nowhere else.
 */
final class PrincipalsResource {
  private static final int MOST_YEARS = 10;
  private static final int LONGEST_NAME = 120;

  private static final Shape.Obj BODY =
      Shape.Obj.of(
          "displayName",
          Shape.Value.TEXT,
          "certificate",
          Shape.Value.TEXT,
          "years",
          Shape.Value.WHOLE,
          "append",
          Shape.Value.TRUTH);

  private final Identity identity;
  private final Principals principals;

  PrincipalsResource(Identity identity) {
    this.identity = identity;
    this.principals = identity.principals();
  }

  Answer list(Call call) {
    ObjectNode body = Fields.empty();
    ArrayNode value = body.putArray("value");
    principals.all().forEach(it -> value.add(body(it)));
    return Answer.of(200, body);
  }

  Answer get(Call call) {
    return Answer.of(
        200, body(principals.find(call.parameter("id")).orElseThrow(() -> unknown(call))));
  }

  Answer create(Call call) throws IOException {
    Wanted wanted = wanted(call, true);
    try {
      return made(principals.create(wanted.name(), wanted.certificate(), wanted.life()));
    } catch (IllegalStateException e) {
      throw full(e);
    }
  }

  Answer addCredential(Call call) throws IOException {
    Wanted wanted = wanted(call, false);
    try {
      Principals.Made made =
          principals
              .addCredential(
                  call.parameter("id"), wanted.certificate(), wanted.life(), !wanted.append())
              .orElseThrow(() -> unknown(call));
      return made(made);
    } catch (IllegalStateException e) {
      throw full(e);
    }
  }

  Answer removeCredential(Call call) throws IOException {
    boolean removed = principals.removeCredential(call.parameter("id"), call.parameter("name"));
    return Answer.empty(removed ? 200 : 204);
  }

  /** Its tokens end with it. */
  Answer delete(Call call) throws IOException {
    String id = call.parameter("id");
    if (principals
        .find(id)
        .filter(it -> it.clientId().equals(call.principal().name()))
        .isPresent()) {
      throw new ArmException(
          409, "PrincipalInUse", "The principal is who asks: nobody would be left to log in.");
    }
    boolean deleted = principals.delete(id);
    identity.verifier().forget();
    return Answer.empty(deleted ? 200 : 204);
  }

  Answer rotateSigningKey(Call call) {
    identity.rotateSigningKey();
    return Answer.empty(204);
  }

  private record Wanted(
      String name, @Nullable ClientKeys certificate, Duration life, boolean append) {}

  private static Wanted wanted(Call call, boolean named) {
    var faults = new Faults();
    ObjectNode given = Shape.read(BODY, call.json(), faults, call.ignored());
    String name = Fields.text(given, "displayName").orElse("");
    if (named && (name.isBlank() || name.length() > LONGEST_NAME)) {
      faults.add("displayName", "must have 1 to " + LONGEST_NAME + " characters.");
    }
    long years = Fields.whole(given, "years").orElse(1L);
    PoolRules.range(years, 1, MOST_YEARS, "years", faults);
    ClientKeys certificate = null;
    String pem = Fields.text(given, "certificate").orElse("");
    if (!pem.isEmpty()) {
      try {
        certificate = ClientKeys.ofPem(pem);
      } catch (IllegalArgumentException e) {
        faults.add("certificate", "cannot be taken: " + e.getMessage() + ".");
      }
    }
    faults.throwIfAny();
    boolean append = Fields.value(given, "append").filter(it -> it.booleanValue()).isPresent();
    return new Wanted(name, certificate, Duration.ofDays(365 * years), append);
  }

  private static ArmException unknown(Call call) {
    return new ArmException(
        404, NotFound.CODE, "There is no service principal '" + call.parameter("id") + "'.");
  }

  private static ArmException full(IllegalStateException e) {
    return new ArmException(409, "TooManyCredentials", e.getMessage() + ".");
  }

  private Answer made(Principals.Made made) {
    ObjectNode body = body(made.principal());
    if (made.secret() != null) {
      body.put("password", made.secret());
    }
    return Answer.of(201, body);
  }

  private ObjectNode body(Principals.Shown principal) {
    ObjectNode body = Fields.empty();
    body.put("id", principal.objectId());
    body.put("appId", principal.clientId());
    body.put("displayName", principal.name());
    body.put("tenant", principals.tenant());
    body.put("administrator", principal.administrator());
    ArrayNode credentials = body.putArray("credentials");
    for (Principals.ShownCredential it : principal.credentials()) {
      credentials
          .addObject()
          .put("keyId", it.keyId())
          .put("kind", it.kind())
          .put("startDateTime", text(it.created()))
          .put("endDateTime", text(it.expires()));
    }
    return body;
  }

  private static @Nullable String text(@Nullable Instant instant) {
    return instant == null ? null : Times.zulu(instant);
  }
}
