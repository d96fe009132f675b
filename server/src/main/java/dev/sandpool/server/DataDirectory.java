package dev.sandpool.server;

import dev.sandpool.model.InstanceId;
import dev.sandpool.server.secret.DataKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;

/**
 * Everything durable of one server, under an exclusive lock until it is closed: the folder {@code
 * server/} of a data directory, 0700. Knows where each thing is; what is in the files is the
 * business of those who read them.
 */
public final class DataDirectory implements AutoCloseable {
  static final String KEY = "data.key";

  /** The key that is to take its place, while that is under way. */
  static final String NEXT_KEY = "data.key.next";

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
   * Opens it; makes its data key at first start.
   *
   * @param path the data directory, which the engine has made
   * @throws DataDirectoryBusyException if another server has it
   * @throws IOException also if no engine has made it, and if its data key is lost
   */
  public static DataDirectory open(Path path) throws IOException {
    return open(path, Map.of());
  }

  /**
   * The same where the environment may hold the data key.
   *
   * @param environment of this process
   */
  public static DataDirectory open(Path path, Map<String, String> environment) throws IOException {
    Path root = path.toAbsolutePath().normalize();
    InstanceId instance = readInstance(root.resolve("instance"));
    Path own = root.resolve("server");
    DirectoryLock lock = DirectoryLock.take(own.resolve("lock"));
    try {
      Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
      refuseHalfRotated(own);
      return new DataDirectory(root, lock, instance, key(own, environment));
    } catch (IOException | RuntimeException e) {
      lock.close();
      throw e;
    }
  }

  private static DataKey key(Path own, Map<String, String> environment) throws IOException {
    Optional<DataKey> given = DataKey.ofEnvironment(environment, DataKey.VARIABLE);
    if (given.isPresent()) {
      return given.get();
    }
    refuseLostKey(own);
    return DataKey.loadOrCreate(own.resolve(KEY));
  }

  /** Half of what is sealed is of either key: neither would do. */
  static void refuseHalfRotated(Path own) throws IOException {
    if (Files.exists(own.resolve(NEXT_KEY))) {
      throw new IOException(
          "the data key of " + own + " was being changed: run sandpool rotate-key to its end");
    }
  }

  private static void refuseLostKey(Path own) throws IOException {
    boolean used =
        Files.exists(own.resolve("ledger.db")) || Files.exists(own.resolve("signing.key"));
    if (used && !Files.exists(own.resolve(KEY))) {
      throw new IOException(
          "data directory "
              + own
              + " has lost its data.key; bring it back from where it is kept: nothing sealed with"
              + " it can be read without it");
    }
  }

  /**
   * The name of the server that a data directory belongs to.
   *
   * @throws IOException naming the file, if it is not there or damaged
   */
  static InstanceId readInstance(Path file) throws IOException {
    try {
      return new InstanceId(Files.readString(file).strip());
    } catch (NoSuchFileException e) {
      throw new IOException(
          file.getParent() + " is no data directory yet; start the engine first", e);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /** The folder of all that the server alone writes, absolute. */
  public Path own() {
    return root.resolve("server");
  }

  /** The name of this server on the host. */
  public InstanceId instance() {
    return instance;
  }

  /** The key that seals secrets and identifiers. */
  public DataKey key() {
    return key;
  }

  /** The folder of the audit's record. */
  public Path audit() {
    return own().resolve("audit");
  }

  /** The ledger's database. */
  public Path ledger() {
    return own().resolve("ledger.db");
  }

  /** The boot that a server with this data last ran in. */
  public Path boot() {
    return own().resolve("boot");
  }

  /** How much room is left for it; everything where nobody can tell. */
  public long usableBytes() {
    try {
      return Files.getFileStore(root).getUsableSpace();
    } catch (IOException e) {
      return Long.MAX_VALUE;
    }
  }

  /** What sandboxes printed and what became of them. */
  public Path logs() {
    return own().resolve("logs");
  }

  /** How far logs have been handed on. */
  public Path export() {
    return own().resolve("export");
  }

  /** What has been pulled. */
  public Path images() {
    return root.resolve("images");
  }

  /** What tokens are signed with, sealed. */
  public Path signingKey() {
    return own().resolve("signing.key");
  }

  /** The root of what container registries are shown, sealed. */
  public Path registryRoot() {
    return own().resolve("registry.key");
  }

  /** Who may log in. */
  public Path principals() {
    return own().resolve("principals.json");
  }

  /** With what the command line logs in. */
  public Path admin() {
    return own().resolve("admin.json");
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
