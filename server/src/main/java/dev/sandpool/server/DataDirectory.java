package dev.sandpool.server;

import dev.sandpool.model.InstanceId;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.secret.PrivateFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Set;

/**
 * Everything durable of one server, 0700, under an exclusive lock until it is closed. Knows where
 * each thing is; what is in the files is the business of those who read them.
 */
public final class DataDirectory implements AutoCloseable {
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");
  private static final String LOCK = "lock";
  private static final String INSTANCE = "instance";
  private static final String KEY = "data.key";

  private final Path root;
  private final DirectoryLock lock;
  private final InstanceId instance;
  private final DataKey key;

  private DataDirectory(Path root, DirectoryLock lock, InstanceId instance, DataKey key) {
    this.root = root;
    this.lock = lock;
    this.instance = instance;
    this.key = key;
  }

  /**
   * Opens the directory; makes it, its instance id and its data key at first start.
   *
   * @throws DataDirectoryBusyException if another server has it
   * @throws IOException also if it is a directory of something else, so that a mistyped path
   *     changes nothing there, and if its data key is lost
   */
  public static DataDirectory open(Path path) throws IOException {
    Path root = path.toAbsolutePath().normalize();
    Files.createDirectories(root, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    root = root.toRealPath();
    refuseForeign(root);
    Files.setPosixFilePermissions(root, OWNER_ONLY);
    DirectoryLock lock = DirectoryLock.take(root.resolve(LOCK));
    try {
      refuseLostKey(root);
      InstanceId instance = instance(root.resolve(INSTANCE));
      DataKey key = DataKey.loadOrCreate(root.resolve(KEY));
      DataDirectory opened = new DataDirectory(root, lock, instance, key);
      makePrivate(opened.images());
      makePrivate(opened.sandboxes());
      return opened;
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static void refuseForeign(Path root) throws IOException {
    if (Files.exists(root.resolve(INSTANCE))) {
      return;
    }
    try (var entries = Files.list(root)) {
      // A first start that was cut short leaves the lock file and perhaps a half-written instance.
      if (entries.anyMatch(
          entry ->
              !entry.endsWith(LOCK) && !entry.getFileName().toString().equals(INSTANCE + ".new"))) {
        throw new IOException(
            "data directory "
                + root
                + " holds other things and was not made by Sandpool; name a new or an empty one");
      }
    }
  }

  private static void refuseLostKey(Path root) throws IOException {
    boolean used =
        Files.exists(root.resolve("ledger.db")) || Files.exists(root.resolve("signing.key"));
    if (used && !Files.exists(root.resolve(KEY))) {
      throw new IOException(
          "data directory "
              + root
              + " has lost its data.key; bring it back from where it is kept: nothing sealed with"
              + " it can be read without it");
    }
  }

  private static InstanceId instance(Path file) throws IOException {
    if (!Files.exists(file)) {
      InstanceId fresh = InstanceId.random(new SecureRandom());
      PrivateFile.write(file, fresh.value().getBytes(StandardCharsets.US_ASCII));
    }
    try {
      return new InstanceId(Files.readString(file).strip());
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static void makePrivate(Path directory) throws IOException {
    Files.createDirectories(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
  }

  /** The directory itself, absolute and without links. */
  public Path root() {
    return root;
  }

  /** The name of this server on the host. */
  public InstanceId instance() {
    return instance;
  }

  /** The key that seals secrets and identifiers. */
  public DataKey key() {
    return key;
  }

  /** The ledger's database. */
  public Path ledger() {
    return root.resolve("ledger.db");
  }

  /** The boot that a server with this data last ran in. */
  public Path boot() {
    return root.resolve("boot");
  }

  /** How much room is left for it; everything where nobody can tell. */
  public long usableBytes() {
    try {
      return Files.getFileStore(root).getUsableSpace();
    } catch (IOException e) {
      return Long.MAX_VALUE;
    }
  }

  /** Unpacked images. */
  public Path images() {
    return root.resolve("images");
  }

  /** One directory a sandbox. */
  public Path sandboxes() {
    return root.resolve("sandboxes");
  }

  /** What tokens are signed with, sealed. */
  public Path signingKey() {
    return root.resolve("signing.key");
  }

  /** Who may log in. */
  public Path principals() {
    return root.resolve("principals.json");
  }

  /** With what the command line logs in. */
  public Path admin() {
    return root.resolve("admin.json");
  }

  /** Tells a second server where this one is; called once the port is bound. */
  public void announce(String endpoint) throws IOException {
    lock.announce(endpoint);
  }

  /** Gives the directory free for another server. */
  @Override
  public void close() throws IOException {
    lock.close();
  }
}
