package dev.sandpool.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/** What scenarios work with: how thorough to be, where to put files, the server, progress. */
final class Bench {
  private static final DateTimeFormatter CLOCK = DateTimeFormatter.ofPattern("HH:mm:ss");

  private final boolean quick;
  private final Path root;
  private final Path sample;
  private final Cleanup cleanup;
  private final Path directory;
  private @Nullable RealServer server;
  private int serverMark;

  /**
   * @param root of the repository
   * @param sample archive of the sample image
   */
  Bench(boolean quick, Path root, Path sample, Cleanup cleanup) throws IOException {
    this.quick = quick;
    this.root = root;
    this.sample = sample;
    this.cleanup = cleanup;
    this.directory = Directories.temporary();
    cleanup.add(() -> Directories.delete(directory));
  }

  boolean quick() {
    return quick;
  }

  /** One number for a quick run, another for one that measures. */
  int pick(int quickly, int fully) {
    return quick ? quickly : fully;
  }

  Path root() {
    return root;
  }

  Path sample() {
    return sample;
  }

  Cleanup cleanup() {
    return cleanup;
  }

  /** A fresh folder that goes with the run. */
  Path folder(String name) throws IOException {
    return Directories.passable(Files.createTempDirectory(directory, name));
  }

  /** The server with its pool of warm sandboxes, started when first asked for. */
  RealServer server() throws IOException {
    RealServer running = server;
    if (running == null) {
      serverMark = cleanup.mark();
      say("starting a server and its pool of warm gVisor sandboxes");
      running = RealServer.start(this);
      server = running;
    }
    return running;
  }

  /** Ends the server, whose sandboxes would take memory and time from what is measured next. */
  void endServer() {
    if (server != null) {
      server = null;
      cleanup.closeUntil(serverMark);
    }
  }

  void say(String what) {
    System.out.printf("%s   %s%n", LocalTime.now(ZoneId.systemDefault()).format(CLOCK), what);
  }

  /** Writes a file that holds a secret: readable by its owner alone. */
  static void writePrivate(Path file, String content) throws IOException {
    Files.createFile(file, Directories.OWNER_FILE);
    Files.writeString(file, content, StandardOpenOption.TRUNCATE_EXISTING);
  }
}
