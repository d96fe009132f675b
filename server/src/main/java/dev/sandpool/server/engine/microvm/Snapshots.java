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
  private final long bytes;
  private final InstantSource clock;
  private final BiConsumer<String, String> lost;

  /** Who is about to become a pattern, by the key; its folder goes when it fails. */
  private final Map<String, Path> makers = new HashMap<>();

  /** Keys of which none could be made, and when: another attempt costs another boot. */
  private final Map<String, Instant> refused = new HashMap<>();

  /** Those that were looked at since this server began. */
  private final Set<String> sound = ConcurrentHashMap.newKeySet();

  /**
   * @param bytes that all of them together may take on the disk
   * @param lost told the name and why, when something cannot start as clones and boots instead
   */
  Snapshots(Path root, long bytes, InstantSource clock, BiConsumer<String, String> lost)
      throws IOException {
    this.clock = clock;
    this.root = root;
    this.bytes = bytes;
    this.lost = lost;
    SnapshotFiles.privateFolder(root);
    for (Path folder : folders()) {
      if (folder.getFileName().toString().endsWith(UNFINISHED) || Snapshot.in(folder).isEmpty()) {
        SnapshotFiles.delete(folder);
      }
    }
  }

  /** How a machine can begin now; nothing while another is about to become its pattern. */
  synchronized Optional<Birth> birth(String key, String name, Path sandbox) {
    Optional<Snapshot> found = find(key, name);
    if (found.isPresent()) {
      return Optional.of(new Birth.Clone(found.get()));
    }
    Instant failed = refused.get(key);
    if (failed != null && clock.instant().isBefore(failed.plus(PAUSE))) {
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
    Path work = root.resolve(key + UNFINISHED);
    try {
      SnapshotFiles.delete(work);
      makeRoom(Snapshot.bytesOf(sandbox));
      Snapshot.keep(sandbox, work, root.resolve(key), name, Files.size(sandbox.resolve("note")));
      sound.add(key);
    } finally {
      SnapshotFiles.delete(work);
    }
    makers.remove(key);
    LOG.info("a machine of {} is kept; others of it start as its clones", name);
  }

  /** Machines that begin with it do not start: they boot, and it is not made again. */
  synchronized void abandon(String key, String name, String why) {
    refused.put(key, clock.instant());
    drop(key, name, why);
  }

  /** None can be made; machines boot. */
  synchronized void refuse(String key, String name, String why) {
    refused.put(key, clock.instant());
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

  /** Those that were not used for longest go, until there is room for one more. */
  private void makeRoom(long wanted) throws IOException {
    if (wanted > bytes) {
      throw new IOException(
          "it takes %d bytes, and engine.microvm.snapshotBytes is %d".formatted(wanted, bytes));
    }
    List<Path> all = new ArrayList<>(folders());
    all.sort(Comparator.comparingLong(folder -> folder.toFile().lastModified()));
    long taken = 0;
    for (Path folder : all) {
      taken += Snapshot.bytesOf(folder);
    }
    for (int left = all.size(); left >= MOST || taken > bytes - wanted; left--) {
      Path oldest = all.removeFirst();
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
    try (Stream<Path> all = Files.list(root)) {
      return all.toList();
    }
  }
}
