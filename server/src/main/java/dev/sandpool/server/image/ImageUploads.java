package dev.sandpool.server.image;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Archives on their way from a caller to this host, piece by piece, so that a caller may import a
 * file that only he can read. Each goes when it is taken, discarded, left alone for too long, or
 * when the server starts again.
 */
public final class ImageUploads implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ImageUploads.class);

  private final Path directory;
  private final Limits limits;
  private final Map<String, Upload> uploads = new ConcurrentHashMap<>();

  /**
   * How much there may be.
   *
   * @param maxBytes of one archive
   * @param atOnce archives at the same time
   * @param idle after which one that gets nothing is dropped
   * @param minFreeBytes of the file system that no archive may take
   */
  public record Limits(long maxBytes, int atOnce, Duration idle, long minFreeBytes) {
    /** 32 GiB, four at once, dropped after ten minutes without a piece. */
    public static Limits defaults(long minFreeBytes) {
      return new Limits(32L << 30, 4, Duration.ofMinutes(10), minFreeBytes);
    }
  }

  /** Why an upload is refused. */
  public static final class RefusedException extends Exception {
    private static final long serialVersionUID = 1L;

    /** The kinds of refusal. */
    public enum Reason {
      UNKNOWN,
      TOO_LARGE,
      TOO_MANY,
      DISK_FULL,
      WRONG_PLACE
    }

    private final Reason reason;

    RefusedException(Reason reason, String message) {
      super(message);
      this.reason = reason;
    }

    /** Of which kind it is. */
    public Reason reason() {
      return reason;
    }
  }

  /** Uploads in that directory, which is made or emptied. */
  public ImageUploads(Path directory, Limits limits) throws IOException {
    this.directory = directory;
    this.limits = limits;
    Files.createDirectories(
        directory,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    try (Stream<Path> old = Files.list(directory)) {
      for (Path file : old.toList()) {
        delete(file);
      }
    }
  }

  /**
   * Begins an archive of that many bytes.
   *
   * @return its id
   */
  public synchronized String open(long bytes) throws RefusedException, IOException {
    if (bytes > limits.maxBytes()) {
      throw new RefusedException(
          RefusedException.Reason.TOO_LARGE,
          "The archive has " + bytes + " bytes; accepted: up to " + limits.maxBytes() + ".");
    }
    if (uploads.size() >= limits.atOnce()) {
      throw new RefusedException(
          RefusedException.Reason.TOO_MANY,
          "As many archives as may be at once, " + limits.atOnce() + ", are on their way.");
    }
    // What others have announced is as good as taken, or two of them would fill the disk together.
    long promised = uploads.values().stream().mapToLong(Upload::missing).sum();
    long free = Files.getFileStore(directory).getUsableSpace() - limits.minFreeBytes() - promised;
    if (bytes > free) {
      throw new RefusedException(
          RefusedException.Reason.DISK_FULL,
          "The archive has " + bytes + " bytes, and there is room for " + Math.max(0, free) + ".");
    }
    String id = UUID.randomUUID().toString();
    Path folder = Files.createDirectory(directory.resolve(id));
    var upload = new Upload(folder.resolve("archive"), bytes);
    uploads.put(id, upload);
    Thread.ofVirtual().name("upload-" + id).start(() -> dropWhenIdle(id, upload));
    return id;
  }

  /**
   * Adds a piece. The same piece once more changes nothing, so that a caller may repeat one whose
   * answer was lost.
   *
   * @return how many bytes are here now
   */
  public long append(String id, long offset, byte[] piece) throws RefusedException, IOException {
    return find(id).append(offset, piece);
  }

  /** Takes a whole archive; closing what is returned deletes it. */
  public Taken take(String id) throws RefusedException {
    Upload upload = find(id);
    upload.checkWhole();
    if (!uploads.remove(id, upload)) {
      throw unknown(id);
    }
    upload.end();
    return new Taken(upload.file);
  }

  /** Forgets an archive; false if there is none of that id. */
  public boolean discard(String id) {
    return Optional.ofNullable(uploads.get(id)).map(upload -> drop(id, upload)).orElse(false);
  }

  private Upload find(String id) throws RefusedException {
    Upload upload = uploads.get(id);
    if (upload == null) {
      throw unknown(id);
    }
    return upload;
  }

  private static RefusedException unknown(String id) {
    return new RefusedException(
        RefusedException.Reason.UNKNOWN, "There is no upload '" + id + "' (any more).");
  }

  private void dropWhenIdle(String id, Upload upload) {
    try {
      if (upload.awaitIdle(limits.idle()) && drop(id, upload)) {
        LOG.info("upload {} was left alone for {} and is dropped", id, limits.idle());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean drop(String id, Upload upload) {
    if (!uploads.remove(id, upload)) {
      return false;
    }
    upload.end();
    deleteQuietly(upload.file);
    return true;
  }

  @Override
  public void close() {
    uploads.forEach(this::drop);
  }

  private static void deleteQuietly(Path archive) {
    try {
      Path folder = archive.getParent();
      if (folder != null) {
        delete(folder);
      }
    } catch (IOException e) {
      // The next start empties the directory.
      LOG.warn("cannot delete {}: {}", archive, e.toString());
    }
  }

  private static void delete(Path tree) throws IOException {
    try (Stream<Path> files = Files.walk(tree)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** A whole archive, gone once this is closed. */
  public static final class Taken implements AutoCloseable {
    private final Path archive;

    private Taken(Path archive) {
      this.archive = archive;
    }

    /** Where it is. */
    public Path archive() {
      return archive;
    }

    @Override
    public void close() {
      deleteQuietly(archive);
    }
  }

  /** One archive; its own lock, as writing may wait for the disk. */
  private static final class Upload {
    private final Path file;
    private final long bytes;
    private long received;
    private long lastPiece = System.nanoTime();
    private boolean ended;

    Upload(Path file, long bytes) {
      this.file = file;
      this.bytes = bytes;
    }

    synchronized long append(long offset, byte[] piece) throws RefusedException, IOException {
      boolean again = offset + piece.length == received;
      if (ended || (offset != received && !again) || offset + piece.length > bytes) {
        throw new RefusedException(
            RefusedException.Reason.WRONG_PLACE,
            "A piece of %d bytes at %d does not go on at %d of %d."
                .formatted(piece.length, offset, received, bytes));
      }
      if (!again) {
        try (var out =
            FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
          var rest = ByteBuffer.wrap(piece);
          while (rest.hasRemaining()) {
            out.write(rest, offset + rest.position());
          }
        }
        received = offset + piece.length;
      }
      lastPiece = System.nanoTime();
      return received;
    }

    synchronized void checkWhole() throws RefusedException {
      if (received != bytes || bytes == 0) {
        throw new RefusedException(
            RefusedException.Reason.WRONG_PLACE,
            "The upload is not whole: " + received + " of " + bytes + " bytes are here.");
      }
    }

    synchronized long missing() {
      return bytes - received;
    }

    synchronized void end() {
      ended = true;
      notifyAll();
    }

    /** True once nothing has come for that time, false once it has ended. */
    synchronized boolean awaitIdle(Duration idle) throws InterruptedException {
      while (!ended) {
        long left = idle.toNanos() - (System.nanoTime() - lastPiece);
        if (left <= 0) {
          return true;
        }
        // Never 0, which would wait for ever.
        wait(left / 1_000_000 + 1);
      }
      return false;
    }
  }
}
