package dev.sandpool.server.identity;

import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWKSet;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.secret.PrivateFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.text.ParseException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The keys of the built-in authority, newest first. The newest signs; former ones are honoured
 * until the last token that they can have signed has ended. On disk only sealed by the data key.
 */
public final class SigningKeys {
  /** The longest that a token can live, with the widest skew of clocks: config's upper bounds. */
  private static final Duration LAST_TOKEN = Duration.ofDays(1).plusMinutes(5);

  /** Where keys are kept; nowhere, for tests. */
  private record Place(Path file, DataKey key) {}

  private final @Nullable Place place;
  private final Duration age;
  private final InstantSource clock;
  private volatile List<SigningKey> keys;

  private SigningKeys(
      @Nullable Place place, Duration age, InstantSource clock, List<SigningKey> keys) {
    this.place = place;
    this.age = age;
    this.clock = clock;
    this.keys = List.copyOf(keys);
  }

  /** That one alone, kept nowhere. */
  static SigningKeys of(SigningKey key, Duration age, InstantSource clock) {
    return new SigningKeys(null, age, clock, List.of(key));
  }

  /**
   * The keys of that file, which is made if it is not there.
   *
   * @param age after which a key signs no more
   * @throws IOException also if the file was sealed with another data key
   */
  public static SigningKeys loadOrCreate(
      Path file, DataKey dataKey, Duration age, InstantSource clock) throws IOException {
    var place = new Place(file, dataKey);
    if (!Files.exists(file)) {
      write(place, List.of(SigningKey.generate(clock.instant())));
    }
    try {
      return new SigningKeys(place, age, clock, read(place));
    } catch (IllegalArgumentException | ParseException e) {
      throw new IOException("signing key " + file + " cannot be opened with this data key", e);
    }
  }

  private static List<SigningKey> read(Place place) throws IOException, ParseException {
    String text =
        new String(place.key().open(Files.readAllBytes(place.file())), StandardCharsets.UTF_8);
    if (!text.contains("\"keys\"")) {
      // From before keys were rotated: one alone.
      return List.of(new SigningKey(ECKey.parse(text)));
    }
    return JWKSet.parse(text).getKeys().stream().map(key -> new SigningKey(key.toECKey())).toList();
  }

  private static void write(Place place, List<SigningKey> keys) throws IOException {
    String text = new JWKSet(keys.stream().map(SigningKey::jwk).toList()).toString(false);
    PrivateFile.write(place.file(), place.key().seal(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** The one that signs now; another one takes its place when it has become too old. */
  SigningKey current() {
    SigningKey newest = keys.getFirst();
    if (newest.made().plus(age).isAfter(clock.instant())) {
      return newest;
    }
    rotate(newest);
    return keys.getFirst();
  }

  /** Has a new key sign from now on. */
  public void rotate() {
    rotate(keys.getFirst());
  }

  private synchronized void rotate(SigningKey former) {
    if (keys.getFirst() != former) {
      return; // Somebody else was faster.
    }
    List<SigningKey> next = new ArrayList<>();
    next.add(SigningKey.generate(clock.instant()));
    for (int i = 0; i < keys.size(); i++) {
      // A key has signed until its successor was made.
      boolean needed = i == 0 || keys.get(i - 1).made().plus(LAST_TOKEN).isAfter(clock.instant());
      if (needed) {
        next.add(keys.get(i));
      }
    }
    if (place != null) {
      try {
        write(place, next);
      } catch (IOException e) {
        throw new UncheckedIOException("the signing key cannot be rotated", e);
      }
    }
    keys = List.copyOf(next);
  }

  /** The key of that id, if it is honoured. */
  Optional<SigningKey> find(@Nullable String id) {
    List<SigningKey> all = keys;
    for (int i = 0; i < all.size(); i++) {
      boolean honoured = i == 0 || all.get(i - 1).made().plus(LAST_TOKEN).isAfter(clock.instant());
      if (honoured && all.get(i).id().equals(id)) {
        return Optional.of(all.get(i));
      }
    }
    return Optional.empty();
  }

  /** The public halves as a JWK set (RFC 7517). */
  String publicKeys() {
    return new JWKSet(keys.stream().map(SigningKey::jwk).toList()).toString(true);
  }
}
