package dev.sandpool.server.image;

import dev.sandpool.server.image.ImageException.Cause;
import dev.sandpool.server.image.StoreFiles.ImageFile;
import dev.sandpool.server.image.StoreFiles.Work;
import dev.sandpool.server.image.StoredImage.ImageConfig;
import java.io.EOFException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.locks.ReentrantLock;
import java.util.zip.ZipException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images of this host, brought by skopeo; others unpack them.
 *
 * <p>An image is known by the digest of its manifest in the registry; of an index of several
 * architectures, by that of this host's. Names of imported images are never looked up in a
 * registry; other tags are resolved by every pull that gives no digest.
 *
 * <p>One process may use a directory. An interrupted call ends soon, its tool is dead then, its
 * thread's interrupt flag is set and the cause is OTHER.
 */
public final class SkopeoImageStore implements ImageStore {
  private static final Logger LOG = LoggerFactory.getLogger(SkopeoImageStore.class);

  /** It is unpacked whole, and its layers are then written anew; one more for what tools do. */
  private static final int ARCHIVE_COPIES = 3;

  private final ImageStoreSettings settings;
  private final ImageRoots roots;
  private final StoreFiles files;
  private final ImageNames names;
  private final ImageTools tools;
  private final RegistryQuestions registry;
  private final KeyedLocks pulls = new KeyedLocks();

  /** Held while images become visible or vanish, never while a tool works. */
  private final ReentrantLock changes = new ReentrantLock();

  /**
   * The store in the settings' directory, which is made if it is not there.
   *
   * @param roots where images are unpacked
   * @throws IOException also if its index of names cannot be read
   */
  public SkopeoImageStore(ImageStoreSettings settings, ImageRoots roots) throws IOException {
    this.settings = settings;
    this.roots = roots;
    this.files = new StoreFiles(settings.directory());
    this.names = new ImageNames(files.names());
    this.tools = new ImageTools(settings);
    this.registry = new RegistryQuestions(tools, settings.architecture());
  }

  @Override
  public StoredImage pull(PullRequest request, Progress progress) throws ImageException {
    String image = request.image();
    ImageReference reference = reference(image);
    return explained(
        image,
        () -> {
          Optional<StoredImage> here = present(request, reference);
          return here.isPresent() ? here.get() : fetch(request, reference, progress);
        });
  }

  /** The image, if the request can be met without asking anybody. */
  private Optional<StoredImage> present(PullRequest request, ImageReference reference)
      throws ImageException, IOException {
    Optional<String> wanted = request.wantedDigest().or(reference::wantedDigest);
    Optional<ImageNames.Entry> named = names.get(reference);
    Optional<StoredImage> byDigest = wanted.flatMap(this::find);
    if (byDigest.isPresent()) {
      if (named.isEmpty()) {
        names.put(new ImageNames.Entry(request.image(), byDigest.get().digest(), false));
      }
      return find(byDigest.get().digest());
    }
    boolean imported = named.map(ImageNames.Entry::imported).orElse(false);
    if (imported && request.digest() != null) {
      throw new ImageException(
          Cause.NOT_FOUND,
          "image "
              + request.image()
              + ": the version that was imported before is not here any more;"
              + " import it again, or update the pool to what is there now");
    }
    // A name with a digest in it never comes to mean something else, so the registry need not say.
    boolean certain = imported || (request.digest() == null && reference.digest() != null);
    return certain ? named.flatMap(entry -> find(entry.digest())) : Optional.empty();
  }

  private StoredImage fetch(PullRequest request, ImageReference reference, Progress progress)
      throws ImageException, IOException, InterruptedException {
    try (Work work = files.work();
        AuthFile auth = new AuthFile(work.directory(), request.login())) {
      Path conf = RegistryFiles.write(work.directory(), settings.registries(), reference);
      var source =
          new ImageTools.Source(request.image(), reference, work.directory(), auth.path(), conf);
      progress.step("asking " + reference.registry() + " for the image");
      RegistryQuestions.Found found = registry.resolve(source, request.wantedDigest());
      var entry = new ImageNames.Entry(request.image(), found.digest(), false);
      KeyedLocks.Held lock = pulls.acquire(found.digest());
      try {
        Optional<StoredImage> here = find(found.digest());
        if (here.isPresent()) {
          return renamed(entry);
        }
        registry.checkArchitecture(source, found.digest());
        work.reuse(found.manifest());
        long missing = work.missingBytes(found.manifest());
        checkRoom(request.image(), missing);
        progress.step("pulling " + megabytes(missing));
        metered(
            request.image(),
            new PullMeter(work.directory(), missing, progress, this::isFull),
            () -> tools.copy(source, found.digest()));
        return unpack(entry, work, progress);
      } finally {
        lock.close();
      }
    }
  }

  private interface Copy {
    void run() throws ImageException, InterruptedIOException;
  }

  /** Brings layers no further than the meter lets it. */
  private static void metered(String image, PullMeter meter, Copy copy)
      throws ImageException, InterruptedIOException {
    try {
      copy.run();
    } catch (ImageException | InterruptedIOException e) {
      meter.close();
      if (meter.excess() == PullMeter.Excess.NONE) {
        throw e;
      }
    } finally {
      meter.close();
    }
    switch (meter.excess()) {
      case NONE -> {}
      case SIZE -> {
        Thread.interrupted();
        throw new ImageException(
            Cause.TOO_LARGE,
            "image "
                + image
                + ": there is more of it than its manifest, or its archive's size, says; stopped");
      }
      case DISK -> {
        Thread.interrupted();
        throw ToolErrors.of(
            Cause.DISK_FULL, image, "others have taken the room meanwhile; stopped");
      }
    }
  }

  private boolean isFull() {
    try {
      return files.usableBytes() < settings.minFreeBytes();
    } catch (IOException e) {
      LOG.debug("nobody knows how much is free", e);
      return false;
    }
  }

  @Override
  public StoredImage importArchive(Path archive, String name, Progress progress)
      throws ImageException {
    ImageReference reference = reference(name);
    if (reference.digest() != null) {
      throw new ImageException(
          Cause.NOT_FOUND,
          "image " + name + ": an imported image is named without a digest, name:tag");
    }
    return explained(
        name,
        () -> {
          try (Work work = files.work()) {
            takeArchive(archive, name, work, progress);
            String digest = LayoutFiles.digest(name, work);
            KeyedLocks.Held lock = pulls.acquire(digest);
            try {
              var entry = new ImageNames.Entry(name, digest, true);
              return find(digest).isPresent() ? renamed(entry) : unpack(entry, work, progress);
            } finally {
              lock.close();
            }
          }
        });
  }

  private void takeArchive(Path archive, String name, Work work, Progress progress)
      throws ImageException, IOException {
    Path placed = work.directory().resolve("archive.tar");
    try {
      checkRoom(name, Files.size(archive));
      progress.step("reading " + megabytes(Files.size(archive)));
      long room = Math.max(0, files.usableBytes() - settings.minFreeBytes());
      if (!ArchiveKind.place(archive, placed, room)) {
        throw ToolErrors.of(
            Cause.DISK_FULL,
            name,
            "decompressed it has more than the " + megabytes(room) + " free");
      }
    } catch (NoSuchFileException e) {
      throw new ImageException(
          Cause.NOT_FOUND,
          "image " + name + ": there is no file " + archive + "; check its path",
          e);
    } catch (EOFException | ZipException e) {
      throw ToolErrors.of(Cause.NOT_AN_IMAGE, name, "it cannot be decompressed");
    }
    ArchiveKind kind =
        ArchiveKind.of(placed)
            .orElseThrow(
                () ->
                    ToolErrors.of(
                        Cause.NOT_AN_IMAGE,
                        name,
                        archive.getFileName() + " is no OCI or docker archive"));
    long most = ARCHIVE_COPIES * Files.size(placed);
    metered(
        name,
        new PullMeter(work.directory(), most, step -> {}, this::isFull),
        () -> tools.copyArchive(name, kind, "archive.tar", work.directory()));
  }

  /** From a whole layout in the working directory to an image that everybody sees. */
  private StoredImage unpack(ImageNames.Entry entry, Work work, Progress progress)
      throws ImageException, IOException {
    Manifest.Image manifest = LayoutFiles.manifest(entry.name(), work);
    ImageConfig config = LayoutFiles.config(entry.name(), work, manifest, settings.architecture());
    progress.step("unpacking");
    work.showLayout();
    long size;
    try {
      size = roots.unpack(work.id(), entry.digest(), config);
    } catch (UnpackException e) {
      if (Thread.currentThread().isInterrupted()) {
        throw new InterruptedIOException();
      }
      LOG.warn("image {} cannot be unpacked: {}", entry.name(), e.getMessage());
      throw UnpackFailure.explain(e, entry.name(), work, manifest);
    }
    var image = new ImageFile(entry.digest(), config, size, manifest.digests());
    work.describe(image);
    changes.lock();
    try {
      names.put(entry);
      work.publish(image);
    } finally {
      changes.unlock();
    }
    LOG.info("image {} is unpacked as {}, {}", entry.name(), entry.digest(), megabytes(size));
    return stored(image);
  }

  private StoredImage renamed(ImageNames.Entry entry) throws ImageException, IOException {
    names.put(entry);
    return find(entry.digest())
        .orElseThrow(() -> ToolErrors.of(Cause.OTHER, entry.name(), "it was removed meanwhile"));
  }

  private void checkRoom(String image, long bytes) throws ImageException, IOException {
    long usable = files.usableBytes();
    if (usable - bytes < settings.minFreeBytes()) {
      throw ToolErrors.of(
          Cause.DISK_FULL,
          image,
          megabytes(bytes)
              + " to bring, "
              + megabytes(usable)
              + " free, of which "
              + megabytes(settings.minFreeBytes())
              + " must stay free");
    }
  }

  private static String megabytes(long bytes) {
    return PullMeter.megabytes(bytes);
  }

  @Override
  public Optional<StoredImage> find(String digest) {
    try {
      return ImageReference.isDigest(digest)
          ? files.read(digest).map(this::stored)
          : Optional.empty();
    } catch (IOException e) {
      LOG.warn("cannot read image {}", digest, e);
      return Optional.empty();
    }
  }

  @Override
  public List<StoredImage> list() {
    try {
      return files.readAll().stream()
          .map(this::stored)
          .sorted(Comparator.comparing(image -> image.names() + image.digest()))
          .toList();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException("cannot read the images", e);
    }
  }

  private StoredImage stored(ImageFile image) {
    return new StoredImage(
        image.digest(), names.of(image.digest()), image.config(), image.sizeBytes());
  }

  @Override
  public boolean remove(String nameOrDigest, Set<String> inUse) throws ImageException {
    if (ImageReference.isDigest(nameOrDigest)) {
      return explained(nameOrDigest, () -> removeDigest(nameOrDigest, nameOrDigest, inUse));
    }
    ImageReference reference = reference(nameOrDigest);
    return explained(nameOrDigest, () -> removeName(nameOrDigest, reference, inUse));
  }

  private boolean removeName(String name, ImageReference reference, Set<String> inUse)
      throws ImageException, IOException, InterruptedException {
    Optional<ImageNames.Entry> entry = names.get(reference);
    if (entry.isEmpty()) {
      return false;
    }
    String digest = entry.get().digest();
    if (names.of(digest).size() > 1) {
      names.removeIf(entry.get()::equals);
      return true;
    }
    boolean removed = removeDigest(name, digest, inUse);
    names.removeIf(entry.get()::equals);
    return removed;
  }

  private boolean removeDigest(String asked, String digest, Set<String> inUse)
      throws ImageException, IOException, InterruptedException {
    if (find(digest).isEmpty()) {
      return false;
    }
    if (inUse.contains(digest)) {
      throw ToolErrors.of(Cause.IN_USE, asked, "");
    }
    KeyedLocks.Held lock = pulls.acquire(digest);
    try {
      changes.lock();
      try {
        names.removeIf(entry -> entry.digest().equals(digest));
        files.delete(digest);
        files.collectBlobs();
        roots.remove(digest);
      } finally {
        changes.unlock();
      }
    } finally {
      lock.close();
    }
    return true;
  }

  @Override
  public List<String> collect(Set<String> inUse, Retention retention, Instant now)
      throws IOException {
    List<ImageCollection.Unused> unused = new ArrayList<>();
    for (ImageFile image : files.readAll()) {
      if (inUse.contains(image.digest())) {
        files.use(image.digest(), now);
      } else if (!names.imported(image.digest())) {
        unused.add(
            new ImageCollection.Unused(
                image.digest(), image.sizeBytes(), files.lastUsed(image.digest())));
      }
    }
    List<String> removed = new ArrayList<>();
    for (String digest : ImageCollection.victims(unused, retention, now)) {
      try {
        if (explained(digest, () -> removeDigest(digest, digest, inUse))) {
          removed.add(digest);
        }
      } catch (ImageException e) {
        LOG.warn("unused image {} could not be removed: {}", digest, e.getMessage());
      }
    }
    return removed;
  }

  @Override
  public void sweep() throws IOException {
    changes.lock();
    try {
      files.sweep();
      match();
      files.collectBlobs();
    } finally {
      changes.unlock();
    }
  }

  /** An image is here if it is known here and unpacked there; one half of it is none. */
  private void match() throws IOException {
    Set<String> unpacked = roots.digests();
    for (ImageFile image : files.readAll()) {
      if (!unpacked.contains(image.digest())) {
        LOG.warn(
            "image {} is no longer unpacked, and is brought again when needed", image.digest());
        files.delete(image.digest());
      }
    }
    for (String digest : unpacked) {
      if (files.read(digest).isEmpty()) {
        roots.remove(digest);
      }
    }
  }

  private static ImageReference reference(String image) throws ImageException {
    try {
      return ImageReference.parse(image);
    } catch (IllegalArgumentException e) {
      throw new ImageException(Cause.NOT_FOUND, String.valueOf(e.getMessage()), e);
    }
  }

  private interface Step<T> {
    T run() throws ImageException, IOException, InterruptedException;
  }

  private static <T> T explained(String image, Step<T> step) throws ImageException {
    try {
      return step.run();
    } catch (InterruptedException
        | InterruptedIOException
        | java.nio.channels.ClosedByInterruptException e) {
      Thread.currentThread().interrupt();
      throw new ImageException(
          Cause.OTHER, "image " + image + ": interrupted, nothing was left behind; try again", e);
    } catch (IOException e) {
      throw ToolErrors.explain(image, e.toString());
    }
  }
}
