package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.Json;
import dev.sandpool.server.secret.DataKey;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Base64;
import tools.jackson.core.JacksonException;

/**
 * Writes and reads tokens for one session each: sealed by the data key, so that nobody can make,
 * change or read them. They are good at the data plane alone, since management knows nothing of
 * them.
 */
public final class SessionTokens {
  /** What they begin with; no other token does. */
  private static final String PREFIX = "sandpool-session-";

  /** Before what is sealed: nothing else that the key seals may be taken for a token. */
  private static final String KIND = "session token 1\n";

  private static final int LONGEST = 4096;

  private final DataKey key;
  private final InstantSource clock;

  /** Under that key. */
  public SessionTokens(DataKey key, InstantSource clock) {
    this.key = key;
    this.clock = clock;
  }

  /** Whether a bearer token says that it is one. */
  static boolean isOne(String token) {
    return token.startsWith(PREFIX);
  }

  String issue(SessionToken token) {
    byte[] plain = (KIND + Json.MAPPER.writeValueAsString(token)).getBytes(StandardCharsets.UTF_8);
    return PREFIX + Base64.getUrlEncoder().withoutPadding().encodeToString(key.seal(plain));
  }

  Instant now() {
    return clock.instant();
  }

  /**
   * What a token says. Costs microseconds.
   *
   * @throws ArmException 401 if it is none of ours, or has expired
   */
  SessionToken open(String token) {
    if (token.length() > LONGEST) {
      throw refused("is larger than any");
    }
    SessionToken read = read(token);
    // No skew: whoever wrote the time reads it.
    if (!clock.instant().isBefore(read.expires())) {
      throw refused("has expired");
    }
    return read;
  }

  private SessionToken read(String token) {
    try {
      byte[] plain = key.open(Base64.getUrlDecoder().decode(token.substring(PREFIX.length())));
      String text = new String(plain, StandardCharsets.UTF_8);
      if (text.startsWith(KIND)) {
        return Json.MAPPER.readValue(text.substring(KIND.length()), SessionToken.class);
      }
    } catch (IllegalArgumentException | JacksonException notOurs) {
      // Falls through to the refusal: a cause would tell how far it got.
    }
    throw refused("is none that this server issued");
  }

  static ArmException ended() {
    return refused("was for a session that has ended");
  }

  private static ArmException refused(String why) {
    return new ArmException(401, "Unauthenticated", "The session token " + why + ".");
  }
}
