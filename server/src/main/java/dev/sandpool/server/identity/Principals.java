package dev.sandpool.server.identity;

import dev.sandpool.model.Json;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.secret.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
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
 * key with a salt each; a slow hash would add nothing for secrets that nobody can guess. A
 * principal may have several, so that one can be replaced while the other is still in use; and
 * public keys, with which it signs instead.
 */
public final class Principals {
  private static final int SALT_BYTES = 16;
  private static final int SECRET_BYTES = 32;

  /** Of what a principal has to show; more would be work for whoever guesses. */
  static final int MOST_CREDENTIALS = 10;

  private static final int MOST_PRINCIPALS = 10_000;

  /**
   * A principal at rest.
   *
   * @param salt and {@code hash}: its secret in files from before there were several, in base64
   */
  record Stored(
      String objectId,
      String clientId,
      String name,
      boolean administrator,
      @Nullable String salt,
      @Nullable String hash,
      @Nullable List<Credential> credentials) {
    /** All it has to show, in today's form. */
    List<Credential> all() {
      List<Credential> all = new ArrayList<>();
      if (salt != null && hash != null) {
        all.add(new Credential(objectId, salt, hash, null, null, null));
      }
      all.addAll(credentials == null ? List.of() : credentials);
      return all;
    }

    Stored with(List<Credential> changed) {
      return new Stored(objectId, clientId, name, administrator, null, null, changed);
    }
  }

  /**
   * A secret, or a certificate's public key.
   *
   * @param keyId names it, a GUID
   * @param salt and {@code hash}: of a secret, in base64
   * @param key of a certificate: its public key (X.509 SubjectPublicKeyInfo) in base64
   * @param created null where that was not recorded
   * @param expires null: never
   */
  record Credential(
      String keyId,
      @Nullable String salt,
      @Nullable String hash,
      @Nullable String key,
      @Nullable Instant created,
      @Nullable Instant expires) {
    boolean good(Instant now) {
      return expires == null || now.isBefore(expires);
    }
  }

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

  /** A principal as it is shown; nothing of it is secret. */
  public record Shown(
      String objectId,
      String clientId,
      String name,
      boolean administrator,
      List<ShownCredential> credentials) {}

  /**
   * A credential as it is shown.
   *
   * @param kind {@code secret} or {@code certificate}
   * @param expires null: never
   */
  public record ShownCredential(
      String keyId, String kind, @Nullable Instant created, @Nullable Instant expires) {}

  /**
   * A principal with a secret that is told this once.
   *
   * @param secret null where it signs instead
   */
  public record Made(Shown principal, @Nullable String secret) {
    @Override
    public String toString() {
      return "Made[" + principal.clientId() + "]"; // a record would print the secret
    }
  }

  private final Path file;
  private final String tenant;
  private final @Nullable String hashKey;
  private final Credential nobody;
  private final byte[] hashing;
  private final InstantSource clock;
  private volatile Map<String, Stored> byClientId;

  private Principals(Path file, Content content, DataKey key, InstantSource clock) {
    this.file = file;
    this.clock = clock;
    this.tenant = content.tenant();
    this.byClientId = byId(content.principals());
    this.hashKey = content.hashKey();
    this.hashing = hashKey == null ? key.hashing() : key.open(Base64.getDecoder().decode(hashKey));
    this.nobody = secret(random(SECRET_BYTES), hashing, Instant.EPOCH, null);
  }

  private static Map<String, Stored> byId(List<Stored> principals) {
    return principals.stream()
        .collect(Collectors.toUnmodifiableMap(Stored::clientId, Function.identity()));
  }

  /**
   * The principals of that file. At first start it makes a tenant and its administrator, and hands
   * the credentials to the keeper <em>before</em> it writes the file: cut short between the two,
   * the next start makes new ones, and nobody is left with an administrator whose secret is lost.
   *
   * @throws IOException also if the file is not what a server wrote
   */
  static Principals loadOrCreate(Path file, DataKey key, InstantSource clock, Keeper keeper)
      throws IOException {
    if (!Files.exists(file)) {
      String tenant = guid();
      String secret = random(SECRET_BYTES);
      var administrator =
          new Stored(guid(), guid(), "administrator", true, null, null, List.of())
              .with(List.of(secret(secret, key.hashing(), clock.instant(), null)));
      keeper.keep(new Credentials(tenant, administrator.clientId(), secret));
      write(file, new Content(tenant, List.of(administrator), null));
    }
    try {
      Content content = Json.MAPPER.readValue(Files.readAllBytes(file), Content.class);
      return new Principals(file, content, key, clock);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + " cannot be opened with this data key", e);
    } catch (JacksonException | NullPointerException | IllegalStateException e) {
      throw new IOException(file + " is not a file of principals", e);
    }
  }

  private static void write(Path file, Content content) throws IOException {
    PrivateFile.write(
        file, Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(content));
  }

  /** The only tenant, a GUID. */
  public String tenant() {
    return tenant;
  }

  // --- logging in ------------------------------------------------------------------------------

  /** The principal of that client id, if it still exists. */
  Optional<Principal> byClientId(String clientId) {
    return Optional.ofNullable(byClientId.get(clientId.toLowerCase(Locale.ROOT)))
        .map(this::principal);
  }

  /**
   * The principal with that id and secret. Takes the same time whether the id exists or not, and
   * however much of the secret is right.
   */
  Optional<Principal> authenticate(String clientId, String secret) {
    @Nullable Stored found = byClientId.get(clientId.toLowerCase(Locale.ROOT));
    Instant now = clock.instant();
    boolean right = false;
    List<Credential> shown = found == null ? List.of() : found.all();
    for (int i = 0; i < MOST_CREDENTIALS; i++) {
      Credential compared = i < shown.size() && shown.get(i).hash() != null ? shown.get(i) : nobody;
      // All of them, also after the right one: how long it takes says nothing.
      right |= matches(compared, secret) && compared.good(now);
    }
    return right && found != null ? Optional.of(principal(found)) : Optional.empty();
  }

  private boolean matches(Credential credential, String secret) {
    String salt = credential.salt();
    String hash = credential.hash();
    return salt != null
        && hash != null
        && MessageDigest.isEqual(hash(salt, secret, hashing), Base64.getDecoder().decode(hash));
  }

  /** The public keys with which a principal may sign in place of a secret. */
  List<PublicKey> keys(String clientId) {
    @Nullable Stored found = byClientId.get(clientId.toLowerCase(Locale.ROOT));
    Instant now = clock.instant();
    return found == null
        ? List.of()
        : found.all().stream()
            .filter(credential -> credential.good(now))
            .flatMap(credential -> Optional.ofNullable(credential.key()).stream())
            .map(ClientKeys::decode)
            .toList();
  }

  private Principal principal(Stored stored) {
    return new Principal(tenant, stored.objectId(), stored.clientId(), stored.administrator());
  }

  // --- keeping ---------------------------------------------------------------------------------

  /** All of them, by name. */
  public List<Shown> all() {
    return byClientId.values().stream()
        .map(Principals::shown)
        .sorted(java.util.Comparator.comparing(Shown::name).thenComparing(Shown::clientId))
        .toList();
  }

  /** The one with that client id or object id. */
  public Optional<Shown> find(String id) {
    return stored(id).map(Principals::shown);
  }

  private Optional<Stored> stored(String id) {
    return byClientId.values().stream()
        .filter(it -> it.clientId().equalsIgnoreCase(id) || it.objectId().equalsIgnoreCase(id))
        .findFirst();
  }

  /**
   * Makes a principal without any rights.
   *
   * @param certificate with whose key it signs; null makes a secret
   * @param life of its credential
   * @throws IllegalStateException if there are too many
   */
  public synchronized Made create(String name, @Nullable ClientKeys certificate, Duration life)
      throws IOException {
    if (byClientId.size() >= MOST_PRINCIPALS) {
      throw new IllegalStateException("there are " + MOST_PRINCIPALS + " principals already");
    }
    var fresh = new Stored(guid(), guid(), name, false, null, null, List.of());
    return add(fresh, certificate, life);
  }

  /**
   * Gives a principal one more secret or certificate.
   *
   * @param replace whether all that it had are taken away
   * @throws IllegalStateException if it has too many
   */
  public synchronized Optional<Made> addCredential(
      String id, @Nullable ClientKeys certificate, Duration life, boolean replace)
      throws IOException {
    Optional<Stored> found = stored(id);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Stored principal = replace ? found.get().with(List.of()) : found.get();
    if (principal.all().size() >= MOST_CREDENTIALS) {
      throw new IllegalStateException(
          "the principal has " + MOST_CREDENTIALS + " credentials already; remove one");
    }
    return Optional.of(add(principal, certificate, life));
  }

  private Made add(Stored principal, @Nullable ClientKeys certificate, Duration life)
      throws IOException {
    Instant now = clock.instant();
    List<Credential> credentials = new ArrayList<>(principal.all());
    String secret = null;
    if (certificate == null) {
      secret = random(SECRET_BYTES);
      credentials.add(secret(secret, hashing, now, now.plus(life)));
    } else {
      Instant until = certificate.until(now.plus(life));
      credentials.add(new Credential(guid(), null, null, certificate.encoded(), now, until));
    }
    Stored changed = principal.with(credentials);
    put(changed);
    return new Made(shown(changed), secret);
  }

  /** Takes a credential away; whether there was one. */
  public synchronized boolean removeCredential(String id, String keyId) throws IOException {
    Optional<Stored> found = stored(id);
    if (found.isEmpty()) {
      return false;
    }
    List<Credential> left =
        found.get().all().stream().filter(it -> !it.keyId().equalsIgnoreCase(keyId)).toList();
    boolean removed = left.size() < found.get().all().size();
    if (removed) {
      put(found.get().with(left));
    }
    return removed;
  }

  /** Removes a principal; whether there was one. */
  public synchronized boolean delete(String id) throws IOException {
    Optional<Stored> found = stored(id);
    if (found.isPresent()) {
      List<Stored> left =
          byClientId.values().stream().filter(it -> !it.equals(found.get())).toList();
      replace(left);
    }
    return found.isPresent();
  }

  private void put(Stored changed) throws IOException {
    List<Stored> all = new ArrayList<>(byClientId.values());
    all.removeIf(it -> it.clientId().equals(changed.clientId()));
    all.add(changed);
    replace(all);
  }

  /** First on disk: nobody is told of what a crash would take back. */
  private void replace(List<Stored> all) throws IOException {
    write(file, new Content(tenant, all, hashKey));
    byClientId = byId(all);
  }

  private static Shown shown(Stored stored) {
    List<ShownCredential> credentials =
        stored.all().stream()
            .map(
                it ->
                    new ShownCredential(
                        it.keyId(),
                        it.key() == null ? "secret" : "certificate",
                        it.created(),
                        it.expires()))
            .toList();
    return new Shown(
        stored.objectId(), stored.clientId(), stored.name(), stored.administrator(), credentials);
  }

  private static Credential secret(
      String secret, byte[] hashing, Instant created, @Nullable Instant expires) {
    String salt = random(SALT_BYTES);
    String hash = Base64.getEncoder().encodeToString(hash(salt, secret, hashing));
    return new Credential(guid(), salt, hash, null, created, expires);
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
