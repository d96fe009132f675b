package dev.sandpool.server.secret;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.KDF;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.HKDFParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The key under which secrets and identifiers are stored: made at first start, kept in a file of
 * its own (0600) beside the ledger. Who has the ledger without it has no secret.
 *
 * <p>Sealing is AES-256-GCM with a random 96-bit nonce in front; hashing is HMAC-SHA-256. Both keys
 * are derived from the file's 32 bytes by HKDF (RFC 5869), so neither says anything of the other.
 */
public final class DataKey {
  /** The environment variable that may hold the key in base64, in place of a file. */
  public static final String VARIABLE = "SANDPOOL_DATA_KEY";

  /** The one that holds the key that is to take its place. */
  public static final String NEW_VARIABLE = "SANDPOOL_NEW_DATA_KEY";

  private static final int KEY_BYTES = 32;
  private static final int NONCE_BYTES = 12;
  private static final int TAG_BITS = 128;
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rw-------");

  private final SecretKey sealing;
  private final SecretKey hashing;
  private final SecureRandom random = new SecureRandom();

  /** Looking for the algorithm costs more than opening: the ledger opens hundreds at a time. */
  private final ThreadLocal<Cipher> openers = ThreadLocal.withInitial(DataKey::cipher);

  private DataKey(byte[] key) {
    this.sealing = derive(key, "sandpool seal", "AES");
    this.hashing = derive(key, "sandpool hash", "HmacSHA256");
  }

  /**
   * The key of that file, which is made if it is not there. The caller holds the lock of the data
   * directory: two that make it at once would not agree.
   *
   * @throws IOException also if the file has another length than 32 bytes, or a mode that lets
   *     others than its owner at it
   */
  public static DataKey loadOrCreate(Path file) throws IOException {
    if (!Files.exists(file)) {
      create(file);
    }
    Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
    if (!OWNER_ONLY.containsAll(mode)) {
      throw new IOException(
          "data key %s has mode %s; make it rw------- (0600)"
              .formatted(file, PosixFilePermissions.toString(mode)));
    }
    byte[] key = Files.readAllBytes(file);
    if (key.length != KEY_BYTES) {
      throw new IOException("data key " + file + " has " + key.length + " bytes, not " + KEY_BYTES);
    }
    return new DataKey(key);
  }

  /**
   * The key of that variable, where it is set.
   *
   * @throws IOException if it is not 32 bytes in base64; the message does not repeat it
   */
  public static Optional<DataKey> ofEnvironment(Map<String, String> environment, String variable)
      throws IOException {
    String text = environment.get(variable);
    if (text == null || text.isEmpty()) {
      return Optional.empty();
    }
    try {
      byte[] key = Base64.getDecoder().decode(text.strip());
      if (key.length == KEY_BYTES) {
        return Optional.of(new DataKey(key));
      }
    } catch (IllegalArgumentException e) {
      throw new IOException(variable + " is not base64", e);
    }
    throw new IOException(variable + " is not " + KEY_BYTES + " bytes in base64");
  }

  /**
   * File and name are synced before anything is sealed: a ledger must not outlive its key over a
   * power loss.
   */
  private static void create(Path file) throws IOException {
    byte[] key = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(key);
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(fresh);
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
      ByteBuffer bytes = ByteBuffer.wrap(key);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
    Files.move(fresh, file);
    try (FileChannel directory =
        FileChannel.open(
            Objects.requireNonNull(file.toAbsolutePath().getParent()), StandardOpenOption.READ)) {
      directory.force(true);
    }
  }

  /** A key of these 32 bytes, for tests. */
  public static DataKey of(byte[] key) {
    if (key.length != KEY_BYTES) {
      throw new IllegalArgumentException("a data key has 32 bytes, not " + key.length);
    }
    return new DataKey(key.clone());
  }

  private static Cipher cipher() {
    try {
      return Cipher.getInstance("AES/GCM/NoPadding");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM is missing from this JDK", e);
    }
  }

  /** What only {@link #open} of the same key reads; another text each time. */
  public byte[] seal(byte[] plain) {
    try {
      byte[] nonce = new byte[NONCE_BYTES];
      random.nextBytes(nonce);
      Cipher cipher = cipher();
      cipher.init(Cipher.ENCRYPT_MODE, sealing, new GCMParameterSpec(TAG_BITS, nonce));
      byte[] sealed = Arrays.copyOf(nonce, NONCE_BYTES + cipher.getOutputSize(plain.length));
      cipher.doFinal(plain, 0, plain.length, sealed, NONCE_BYTES);
      return sealed;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM is missing from this JDK", e);
    }
  }

  /**
   * The reverse of {@link #seal}.
   *
   * @throws IllegalArgumentException if it was sealed with another key or changed since
   */
  public byte[] open(byte[] sealed) {
    if (sealed.length < NONCE_BYTES + TAG_BITS / 8) {
      throw new IllegalArgumentException("sealed text of only " + sealed.length + " bytes");
    }
    try {
      Cipher cipher = openers.get();
      cipher.init(
          Cipher.DECRYPT_MODE, sealing, new GCMParameterSpec(TAG_BITS, sealed, 0, NONCE_BYTES));
      return cipher.doFinal(sealed, NONCE_BYTES, sealed.length - NONCE_BYTES);
    } catch (AEADBadTagException e) {
      throw new IllegalArgumentException("sealed with another data key, or changed since", e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("AES-GCM is missing from this JDK", e);
    }
  }

  /** What {@link #hash} hashes with, to be kept sealed where hashes outlive this key. */
  public byte[] hashing() {
    return hashing.getEncoded();
  }

  /** A keyed hash with what {@link #hashing} gave, of a key that may be gone. */
  public static byte[] hash(byte[] hashing, byte[] input) {
    return hash(new SecretKeySpec(hashing, "HmacSHA256"), input);
  }

  /**
   * A keyed hash, 32 bytes: equal inputs have equal ones, and nobody without the key can tell
   * which.
   */
  public byte[] hash(byte[] input) {
    return hash(hashing, input);
  }

  private static byte[] hash(SecretKey key, byte[] input) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(key);
      return mac.doFinal(input);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HMAC-SHA-256 is missing from this JDK", e);
    }
  }

  private static SecretKey derive(byte[] key, String info, String algorithm) {
    try {
      var parameters =
          HKDFParameterSpec.ofExtract()
              .addIKM(key)
              .thenExpand(info.getBytes(StandardCharsets.US_ASCII), KEY_BYTES);
      return KDF.getInstance("HKDF-SHA256").deriveKey(algorithm, parameters);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("HKDF is missing from this JDK", e);
    }
  }
}
