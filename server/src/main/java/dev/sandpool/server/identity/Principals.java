package dev.sandpool.server.identity;

import dev.sandpool.model.Json;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.secret.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * Who may log in. Secrets are made here, 256 random bits, and kept only as a hash under the data
 * key with a salt each; a slow hash would add nothing for secrets that nobody can guess.
 */
public final class Principals {
  private static final int SALT_BYTES = 16;
  private static final int SECRET_BYTES = 32;

  /** A principal at rest; salt and hash in base64. */
  record Stored(
      String objectId,
      String clientId,
      String name,
      boolean administrator,
      String salt,
      String hash) {}

  /**
   * The file.
   *
   * @param hashKey what secrets are hashed with, sealed, in base64; null where it is the data key's
   *     own, which it is until that is changed
   */
  record Content(String tenant, List<Stored> principals, @Nullable String hashKey) {}

  /** What the first administrator is told, once. */
  record Credentials(String tenant, String clientId, String clientSecret) {}

  /** Keeps the first administrator's credentials somewhere. */
  @FunctionalInterface
  interface Keeper {
    void keep(Credentials credentials) throws IOException;
  }

  private final String tenant;
  private final Map<String, Stored> byClientId;
  private final Stored nobody;
  private final byte[] hashing;

  private Principals(Content content, DataKey key) {
    this.tenant = content.tenant();
    this.byClientId =
        content.principals().stream()
            .collect(Collectors.toUnmodifiableMap(Stored::clientId, Function.identity()));
    String sealed = content.hashKey();
    this.hashing = sealed == null ? key.hashing() : key.open(Base64.getDecoder().decode(sealed));
    this.nobody = stored(guid(), "nobody", random(SECRET_BYTES), hashing);
  }

  /**
   * The principals of that file. At first start it makes a tenant and its administrator, and hands
   * the credentials to the keeper <em>before</em> it writes the file: cut short between the two,
   * the next start makes new ones, and nobody is left with an administrator whose secret is lost.
   *
   * @throws IOException also if the file is not what a server wrote
   */
  static Principals loadOrCreate(Path file, DataKey key, Keeper keeper) throws IOException {
    if (!Files.exists(file)) {
      String tenant = guid();
      String secret = random(SECRET_BYTES);
      Stored administrator = stored(guid(), "administrator", secret, key.hashing());
      keeper.keep(new Credentials(tenant, administrator.clientId(), secret));
      byte[] json =
          Json.MAPPER
              .writerWithDefaultPrettyPrinter()
              .writeValueAsBytes(new Content(tenant, List.of(administrator), null));
      PrivateFile.write(file, json);
    }
    try {
      return new Principals(Json.MAPPER.readValue(Files.readAllBytes(file), Content.class), key);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " cannot be opened with this data key", e);
    } catch (JacksonException | NullPointerException | IllegalStateException e) {
      throw new IOException(file + " is not a file of principals", e);
    }
  }

  /** The only tenant, a GUID. */
  public String tenant() {
    return tenant;
  }

  /** The principal of that client id, if it still exists. */
  Optional<Principal> byClientId(String clientId) {
    return Optional.ofNullable(byClientId.get(clientId)).map(this::principal);
  }

  /**
   * The principal with that id and secret. Takes the same time whether the id exists or not, and
   * however much of the secret is right.
   */
  Optional<Principal> authenticate(String clientId, String secret) {
    @Nullable Stored found = byClientId.get(clientId.toLowerCase(Locale.ROOT));
    Stored compared = found == null ? nobody : found;
    byte[] expected = Base64.getDecoder().decode(compared.hash());
    boolean right = MessageDigest.isEqual(hash(compared.salt(), secret, hashing), expected);
    return right && found != null ? Optional.of(principal(found)) : Optional.empty();
  }

  private Principal principal(Stored stored) {
    return new Principal(tenant, stored.objectId(), stored.clientId(), stored.administrator());
  }

  private static Stored stored(String clientId, String name, String secret, byte[] hashing) {
    String salt = random(SALT_BYTES);
    String hash = Base64.getEncoder().encodeToString(hash(salt, secret, hashing));
    return new Stored(guid(), clientId, name, true, salt, hash);
  }

  private static byte[] hash(String salt, String secret, byte[] hashing) {
    byte[] text = ("client secret\n" + salt + "\n" + secret).getBytes(StandardCharsets.UTF_8);
    return DataKey.hash(hashing, text);
  }

  private static String guid() {
    return UUID.randomUUID().toString();
  }

  private static String random(int bytes) {
    byte[] random = new byte[bytes];
    new SecureRandom().nextBytes(random);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(random);
  }
}
