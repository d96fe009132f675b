package dev.sandpool.server.engine.microvm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The snapshots of a server, one folder each, named by what the machine is and runs. What it is not
 * of any more is never found by that name, and is collected.
 */
final class Snapshots {
  private static final Logger LOG = LoggerFactory.getLogger(Snapshots.class);

  /** However small they are. */
  static final int MOST = 32;

  /** A host that was too busy for it once may have time later. */
  static final Duration PAUSE = Duration.ofMinutes(10);

  private static final String UNFINISHED = ".unfinished";

  private final Path root;
  private final String boot;
  private final long bytes;
  private final InstantSource clock;
  private final BiConsumer<String, String> lost;

  /** Who is about to become a pattern, by the key; its folder goes when it fails. */
  private final Map<String, Path> makers = new HashMap<>();

  /** Keys of which none could be made, and until when: another attempt costs another boot. */
  private final Map<String, Instant> refusedUntil = new HashMap<>();

  /** Those that were looked at since this server began. */
  private final Set<String> sound = ConcurrentHashMap.newKeySet();

  /**
   * Opens what there is; what is of an earlier boot goes.
   *
   * @param boot of the host
   * @param bytes that all of them from which machines start may take on the disk together
   * @param lost told the name and why, when something cannot start as clones and boots instead
   */
  Snapshots(
      Path root, String boot, long bytes, InstantSource clock, BiConsumer<String, String> lost)
      throws IOException {
    this.clock = clock;
    this.root = root;
    this.boot = boot;
    this.bytes = bytes;
    this.lost = lost;
    SnapshotFiles.privateFolder(root);
    for (Path folder : folders()) {
      if (folder.getFileName().toString().endsWith(UNFINISHED) || !isOfThisBoot(folder)) {
        SnapshotFiles.delete(folder);
      }
    }
  }

  private boolean isOfThisBoot(Path folder) {
    return Snapshot.in(folder).filter(one -> boot.equals(one.facts().boot())).isPresent();
  }

  /** Deletes all that are in that folder, from which nothing will start any more. */
  static void forget(Path root) throws IOException {
    if (Files.isDirectory(root)) {
      for (Path folder : foldersOf(root)) {
        SnapshotFiles.delete(folder);
      }
      Files.delete(root);
    }
  }

  /** How a machine can begin now; nothing while another is about to become its pattern. */
  synchronized Optional<Birth> birth(String key, String name, Path sandbox) {
    Optional<Snapshot> found = find(key, name);
    if (found.isPresent()) {
      return Optional.of(new Birth.Clone(found.get()));
    }
    Instant until = refusedUntil.get(key);
    if (until != null && clock.instant().isBefore(until)) {
      return Optional.of(new Birth.Boot());
    }
    Path maker = makers.get(key);
    if (maker == null || maker.equals(sandbox) || !Files.isDirectory(maker)) {
      makers.put(key, sandbox);
      return Optional.of(new Birth.Pattern(key));
    }
    return Optional.empty();
  }

  private Optional<Snapshot> find(String key, String name) {
    Path folder = root.resolve(key);
    Optional<Snapshot> found = Snapshot.in(folder);
    if (found.isEmpty()) {
      return found;
    }
    if (!sound.contains(key)) {
      Optional<String> damage = found.get().damage();
      if (damage.isPresent()) {
        drop(key, name, damage.get());
        return Optional.empty();
      }
      sound.add(key);
    }
    touch(folder);
    return found;
  }

  private void touch(Path folder) {
    try {
      Files.setLastModifiedTime(folder, FileTime.from(clock.instant()));
    } catch (IOException e) {
      LOG.debug("{} counts as unused", folder, e);
    }
  }

  /** Makes one of a pattern that is captured and dead. */
  synchronized void keep(String key, String name, Path sandbox) throws IOException {
    long wanted = Snapshot.bytesOf(sandbox);
    if (wanted > bytes) {
      // It would take as much the next time.
      refuse(
          key,
          name,
          "it takes %d bytes, and engine.microvm.snapshotBytes is %d".formatted(wanted, bytes),
          Instant.MAX);
      return;
    }
    Path work = root.resolve(key + UNFINISHED);
    try {
      SnapshotFiles.delete(work);
      makeRoom(wanted);
      var facts = new Snapshot.Facts(name, boot, Files.size(sandbox.resolve("note")), Map.of());
      Snapshot.keep(sandbox, work, root.resolve(key), facts);
      sound.add(key);
    } finally {
      SnapshotFiles.delete(work);
    }
    makers.remove(key);
    LOG.info("a machine of {} is kept; others of it start as its clones", name);
  }

  /** Machines that begin with it do not start: they boot, and it is not made again. */
  synchronized void abandon(String key, String name, String why) {
    refusedUntil.put(key, clock.instant().plus(PAUSE));
    drop(key, name, why);
  }

  /** None can be made; machines boot. */
  synchronized void refuse(String key, String name, String why) {
    refuse(key, name, why, clock.instant().plus(PAUSE));
  }

  private void refuse(String key, String name, String why, Instant until) {
    refusedUntil.put(key, until);
    makers.remove(key);
    lost.accept(name, why);
  }

  /** Nothing starts from this one: it is not what it was. */
  synchronized void drop(String key, String name, String why) {
    sound.remove(key);
    delete(root.resolve(key));
    lost.accept(name, why);
  }

  /** Drops those of all names but these. */
  synchronized void retain(Set<String> names) throws IOException {
    for (Path folder : folders()) {
      if (Snapshot.in(folder).filter(one -> names.contains(one.facts().name())).isEmpty()) {
        delete(folder);
      }
    }
  }

  /**
   * Those that were not used for longest go, until there is room for one more. What was used just
   * now stays: it would be made again at once, at the expense of the new one, and so on.
   */
  private void makeRoom(long wanted) throws IOException {
    List<Path> all = new ArrayList<>(folders());
    all.sort(Comparator.comparingLong(folder -> folder.toFile().lastModified()));
    long taken = 0;
    for (Path folder : all) {
      taken += Snapshot.bytesOf(folder);
    }
    long recent = clock.instant().minus(PAUSE).toEpochMilli();
    for (int left = all.size(); left >= MOST || taken > bytes - wanted; left--) {
      Path oldest = all.removeFirst();
      if (oldest.toFile().lastModified() > recent) {
        throw new IOException(
            "the others were all used within %d minutes and take %d of %d bytes"
                .formatted(PAUSE.toMinutes(), taken, bytes));
      }
      taken -= Snapshot.bytesOf(oldest);
      delete(oldest);
    }
  }

  /** Who runs from one has its files open. */
  private void delete(Path folder) {
    try {
      sound.remove(folder.getFileName().toString());
      SnapshotFiles.delete(folder);
    } catch (IOException e) {
      LOG.warn("the snapshot {} cannot be deleted: {}", folder, e.toString());
    }
  }

  private List<Path> folders() throws IOException {
    return foldersOf(root);
  }

  private static List<Path> foldersOf(Path root) throws IOException {
    try (Stream<Path> all = Files.list(root)) {
      return all.toList();
    }
  }
}
