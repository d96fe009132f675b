package dev.sandpool.server.engine.oci;

import dev.sandpool.model.InstanceId;
import dev.sandpool.model.Json;
import dev.sandpool.server.image.ImageRoots;
import dev.sandpool.server.image.KeyedLocks;
import dev.sandpool.server.image.StoredImage.ImageConfig;
import dev.sandpool.server.image.UnpackException;
import dev.sandpool.server.linux.Command;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * The unpacked images of one server, each a read-only file system of its own:
 *
 * <pre>
 *   PREFIX-HEX/disk        the file system, HEX being the image's digest
 *   PREFIX-HEX/mount       where it is mounted; rootfs/ in it is the image
 *   PREFIX-HEX/image.json  how to run it; written last
 *   PREFIX-work-UUID/      one that is being unpacked
 * </pre>
 */
public final class RootStore implements ImageRoots, ImageRoot.Finder {
  private static final Logger LOG = LoggerFactory.getLogger(RootStore.class);
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final String IMAGE_JSON = "image.json";

  private final Path roots;
  private final Path work;
  private final String prefix;
  private final Settings settings;
  private final KeyedLocks unpacking = new KeyedLocks();

  /**
   * How images are unpacked.
   *
   * @param maxBytes of an unpacked image, at least 1 MiB
   * @param maxFiles of an unpacked image, at least 16
   * @param minFreeBytes of the disk that no image may take
   * @param firstUserId of 65536 users that own nothing on this host
   * @param deadline of one unpacking
   */
  public record Settings(
      long maxBytes, long maxFiles, long minFreeBytes, int firstUserId, Duration deadline) {}

  private static final Pattern MOUNT =
      Pattern.compile(".*/(sp[a-z2-7]{4})-(?:[0-9a-f]{64}|work-[0-9a-f-]{36})/(?:mount|view)");

  private RootStore(Path roots, Path work, String prefix, Settings settings) {
    this.roots = roots;
    this.work = work;
    this.prefix = prefix + "-";
    this.settings = settings;
  }

  /**
   * Opens the store and removes what was never unpacked to its end.
   *
   * @param roots its folder, made if it is not there
   * @param work where the image store has its work folders; not ours, so nothing in it is trusted
   */
  public static RootStore open(Path roots, Path work, InstanceId instance, Settings settings)
      throws IOException {
    // Everybody may pass, so that the unpacking user reaches his work; nobody sees what is there.
    var passable = PosixFilePermissions.fromString("rwx--x--x");
    Files.createDirectories(roots);
    Files.setPosixFilePermissions(roots, passable);
    var store = new RootStore(roots, work, instance.prefix(), settings);
    store.sweep();
    return store;
  }

  /** The prefix of the server of which an unpacked image is mounted there. */
  public static Optional<String> owner(Path mount) {
    Matcher matcher = MOUNT.matcher(mount.toString());
    return matcher.matches() ? Optional.of(matcher.group(1)) : Optional.empty();
  }

  @Override
  public long unpack(UUID workId, String digest, ImageConfig config) throws UnpackException {
    Path fresh = roots.resolve(prefix + "work-" + UUID.randomUUID());
    Path place = folder(digest);
    try (KeyedLocks.Held lock = unpacking.acquire(digest)) {
      Optional<Stored> here = read(place);
      if (here.isPresent()) {
        return here.get().bytes();
      }
      Files.createDirectory(fresh);
      Stored stored = unpackInto(fresh, work.resolve(workId.toString()), config);
      Files.writeString(fresh.resolve(IMAGE_JSON), Json.MAPPER.writeValueAsString(stored));
      Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwx------"));
      delete(place);
      Files.move(fresh, place, StandardCopyOption.ATOMIC_MOVE);
      return stored.bytes();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw failure(room(), "interrupted");
    } catch (IOException e) {
      throw failure(room(), String.valueOf(e.getMessage()));
    } finally {
      deleteQuietly(fresh);
    }
  }

  private Stored unpackInto(Path fresh, Path layout, ImageConfig config)
      throws IOException, UnpackException {
    long room = room();
    var disk = disk(fresh);
    try {
      disk.create(Math.min(room, settings.maxBytes()), settings.maxFiles());
      Command.Result result =
          new Unpacker(settings.firstUserId(), settings.deadline())
              .unpack(layout, disk, view(fresh), this::isFull);
      if (!result.ok()) {
        throw failure(room, result.output());
      }
      if (!disk.mounted()) {
        throw failure(room, "what was unpacked is no folder");
      }
      return new Stored(config, disk.usedBytes());
    } finally {
      disk.close();
    }
  }

  private UnpackException failure(long room, String message) {
    return new UnpackException(
        Math.min(room, settings.maxBytes()), room < settings.maxBytes(), message);
  }

  /** Bytes of the host's disk that an image may take, at least as many as a file system needs. */
  private long room() {
    return Math.max(1L << 20, roots.toFile().getUsableSpace() - settings.minFreeBytes());
  }

  /** Others take from the same room meanwhile: images beside this one, and sandboxes. */
  private boolean isFull() {
    return roots.toFile().getUsableSpace() < settings.minFreeBytes();
  }

  @Override
  public synchronized Optional<ImageRoot> find(String digest) {
    try {
      Path place = folder(digest);
      Optional<Stored> stored = read(place);
      if (stored.isEmpty()) {
        return Optional.empty();
      }
      RootDisk disk = disk(place);
      disk.open();
      return disk.mounted()
          ? Optional.of(
              new ImageRoot(disk.rootfs(), Optional.of(disk.file()), stored.get().config()))
          : Optional.empty();
    } catch (IOException e) {
      LOG.warn("the unpacked image {} cannot be used", digest, e);
      return Optional.empty();
    }
  }

  @Override
  public Set<String> digests() throws IOException {
    Set<String> digests = new TreeSet<>();
    for (Path folder : folders()) {
      String hex = folder.getFileName().toString().substring(prefix.length());
      if (DIGEST.matcher("sha256:" + hex).matches() && read(folder).isPresent()) {
        digests.add("sha256:" + hex);
      }
    }
    return digests;
  }

  @Override
  public synchronized void remove(String digest) throws IOException {
    delete(folder(digest));
  }

  /** Unmounts everything; it is mounted again where a sandbox needs it. */
  public synchronized void unmount() throws IOException {
    for (Path folder : folders()) {
      disk(folder).close();
    }
  }

  private void sweep() throws IOException {
    List<Path> halves = new ArrayList<>();
    for (Path folder : folders()) {
      if (read(folder).isEmpty()) {
        halves.add(folder);
      }
    }
    // An engine that was killed leaves its tool, which would go on with nobody to stop it.
    NamedProcesses.kill(
        halves.stream().map(RootStore::view).map(Path::toString).collect(Collectors.toSet()));
    for (Path folder : halves) {
      delete(folder);
    }
  }

  /** What image.json holds. */
  private record Stored(ImageConfig config, long bytes) {}

  private static Optional<Stored> read(Path folder) throws IOException {
    try {
      String text = Files.readString(folder.resolve(IMAGE_JSON));
      return Optional.of(Json.MAPPER.readValue(text, Stored.class));
    } catch (NoSuchFileException | JacksonException e) {
      // A power loss may have left it empty: then the image counts as missing and is pulled anew.
      return Optional.empty();
    }
  }

  private Path folder(String digest) {
    if (!DIGEST.matcher(digest).matches()) {
      throw new IllegalArgumentException("not a digest: " + digest);
    }
    return roots.resolve(prefix + digest.substring("sha256:".length()));
  }

  /** Where who unpacks sees it. */
  private static Path view(Path folder) {
    return folder.resolve("view");
  }

  private static RootDisk disk(Path folder) {
    return new RootDisk(folder.resolve("disk"), folder.resolve("mount"));
  }

  private Set<Path> folders() throws IOException {
    Set<Path> folders = new TreeSet<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(roots, prefix + "*")) {
      entries.forEach(folders::add);
    }
    return folders;
  }

  private void delete(Path folder) throws IOException {
    if (Files.exists(folder)) {
      Files.deleteIfExists(folder.resolve(IMAGE_JSON));
      disk(folder).hide(view(folder));
      disk(folder).close();
      FolderRemoval.remove(folder);
    }
  }

  private void deleteQuietly(Path folder) {
    try {
      delete(folder);
    } catch (IOException e) {
      LOG.warn("{} cannot be removed yet", folder, e);
    }
  }
}
