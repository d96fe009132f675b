package dev.sandpool.server;

import dev.sandpool.server.identity.SealedFiles;
import dev.sandpool.server.ledger.sqlite.KeyChange;
import dev.sandpool.server.ledger.sqlite.LedgerCopy;
import dev.sandpool.server.secret.DataKey;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What is done to a data directory beside its server. */
final class Maintenance {
  private final Path own;

  /**
   * @param dataDirectory that of {@code sandpool serve}
   */
  Maintenance(Path dataDirectory) {
    this.own = dataDirectory.resolve("server");
  }

  /** Copies the ledger; a server may work with it. */
  void backUp(Path to) throws IOException {
    refuseLinks();
    LedgerCopy.backUp(ledger(), to);
  }

  /** Puts a copy in the ledger's place. */
  void restore(Path from, Map<String, String> environment) throws IOException {
    try (DirectoryLock ignored = alone()) {
      DataDirectory.refuseHalfRotated(own);
      LedgerCopy.restore(from, ledger(), key(environment));
      leaveToServer();
    }
  }

  /**
   * Makes a new data key and seals everything anew with it. Each step may be repeated, and the new
   * key takes the old one's place last, so a run that was cut short is gone on with by the next.
   */
  void rotateKey(Map<String, String> environment) throws IOException {
    try (DirectoryLock ignored = alone()) {
      DataKey before = key(environment);
      Optional<DataKey> given = DataKey.ofEnvironment(environment, DataKey.NEW_VARIABLE);
      boolean inFile = DataKey.ofEnvironment(environment, DataKey.VARIABLE).isEmpty();
      if (inFile == given.isPresent()) {
        throw new IOException(
            inFile
                ? DataKey.NEW_VARIABLE + " is set, but the key is in the file data.key"
                : "the key is in "
                    + DataKey.VARIABLE
                    + ": name the new one in "
                    + DataKey.NEW_VARIABLE);
      }
      Path next = own.resolve(DataDirectory.NEXT_KEY);
      DataKey after = inFile ? DataKey.loadOrCreate(next) : given.orElseThrow();
      if (Files.exists(ledger())) {
        changeLedger(before, after, next);
      }
      SealedFiles.rotate(own.resolve("signing.key"), own.resolve("principals.json"), before, after);
      SealedFiles.rotate(own.resolve("registry.key"), before, after);
      leaveToServer();
      if (inFile) {
        Files.move(
            next,
            own.resolve(DataDirectory.KEY),
            StandardCopyOption.ATOMIC_MOVE,
            StandardCopyOption.REPLACE_EXISTING);
      }
    }
  }

  /** Where nothing has changed, the server starts with its old key. */
  private void changeLedger(DataKey before, DataKey after, Path next) throws IOException {
    try {
      KeyChange.run(ledger(), before, after);
    } catch (IOException e) {
      if (!KeyChange.isOf(ledger(), after)) {
        Files.deleteIfExists(next);
      }
      throw e;
    }
  }

  private Path ledger() {
    return own.resolve("ledger.db");
  }

  private DirectoryLock alone() throws IOException {
    if (!Files.isDirectory(own)) {
      throw new IOException(own.getParent() + " is no data directory of a server");
    }
    refuseLinks();
    return DirectoryLock.take(own.resolve("lock"));
  }

  /** Root works here, where the server's user may put what he likes while no server runs. */
  private void refuseLinks() throws IOException {
    try (Stream<Path> all = Files.list(own)) {
      for (Path file : all.toList()) {
        if (Files.isSymbolicLink(file)) {
          throw new IOException(file + " is a link, which no server makes; look who did");
        }
      }
    }
  }

  private DataKey key(Map<String, String> environment) throws IOException {
    Optional<DataKey> given = DataKey.ofEnvironment(environment, DataKey.VARIABLE);
    if (given.isPresent()) {
      return given.get();
    }
    Path file = own.resolve(DataDirectory.KEY);
    if (!Files.exists(file)) {
      throw new IOException("there is no data key " + file);
    }
    return DataKey.loadOrCreate(file);
  }

  /** What root has written here is the server's, whose user is another. */
  private void leaveToServer() throws IOException {
    PosixFileAttributes owner = Files.readAttributes(own, PosixFileAttributes.class);
    List<Path> files;
    try (Stream<Path> all = Files.list(own)) {
      files = all.filter(file -> Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)).toList();
    }
    for (Path file : files) {
      var view =
          Files.getFileAttributeView(file, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
      if (!view.readAttributes().owner().equals(owner.owner())) {
        view.setOwner(owner.owner());
        view.setGroup(owner.group());
      }
    }
  }
}
