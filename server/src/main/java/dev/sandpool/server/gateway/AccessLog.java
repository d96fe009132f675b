package dev.sandpool.server.gateway;

import dev.sandpool.server.linux.TimeSlice;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One JSON object a line for each request of a session. Event loops leave what they know in a
 * bounded queue and never wait; a thread of its own writes. What does not fit, there or on the
 * disk, is dropped and counted, and the count is written. A file that was moved away is opened anew
 * under its name.
 */
public final class AccessLog implements RequestNotes, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AccessLog.class);
  private static final int MOST_WAITING = 100_000;
  private static final Duration PAUSE = Duration.ofMillis(100);

  /** After that many lines at once, the pause is shorter: requests wait while many are written. */
  private static final int MANY = 50;

  private static final Duration SHORT_PAUSE = Duration.ofMillis(10);

  private final Path file;
  private final AccessWords words;
  private final ConcurrentLinkedQueue<AccessLine> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger length = new AtomicInteger();
  private final AtomicLong dropped = new AtomicLong();
  private final int most;
  private final Thread thread;
  private volatile boolean closing;
  private BufferedWriter writer;
  private @Nullable Object opened;
  private long droppedSaid;

  /** Lines that are not known to be in the file. */
  private int unsure;

  private boolean broken;
  private @Nullable String complaint;

  /**
   * Opens the file, to add to it.
   *
   * @param hashing makes of an identifier what may be read by others: a short keyed hash
   * @throws IOException if it cannot be written
   */
  public AccessLog(Path file, UnaryOperator<String> hashing) throws IOException {
    this(file, hashing, MOST_WAITING);
  }

  AccessLog(Path file, UnaryOperator<String> hashing, int most) throws IOException {
    this.file = file;
    this.words = new AccessWords(hashing);
    this.most = most;
    this.writer = open();
    this.thread = Thread.ofPlatform().name("access-log").daemon().start(this::run);
  }

  private BufferedWriter open() throws IOException {
    BufferedWriter fresh =
        Files.newBufferedWriter(
            file, StandardCharsets.UTF_8, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    opened = key();
    return fresh;
  }

  private void reopen() throws IOException {
    try {
      writer.close();
    } catch (IOException e) {
      log.debug("what had not been written of the access log is lost: {}", e.toString());
    }
    writer = open();
    if (endsWithinALine()) {
      writer.newLine();
    }
  }

  /** Whether a write that failed has left the beginning of a line. */
  private boolean endsWithinALine() throws IOException {
    try (FileChannel channel = FileChannel.open(file)) {
      var last = ByteBuffer.allocate(1);
      long size = channel.size();
      return size > 0 && channel.read(last, size - 1) == 1 && last.get(0) != '\n';
    }
  }

  private @Nullable Object key() throws IOException {
    return Files.exists(file)
        ? Files.readAttributes(file, BasicFileAttributes.class).fileKey()
        : null;
  }

  /** Leaves a line to be written; from any thread, at once. */
  @Override
  public void offer(AccessLine line) {
    if (length.incrementAndGet() > most) {
      length.decrementAndGet();
      dropped.incrementAndGet();
    } else {
      waiting.add(line);
    }
  }

  /** How many lines were dropped since the start. */
  public long dropped() {
    return dropped.get();
  }

  private void run() {
    // Event loops are let in between two lines.
    TimeSlice.shorten();
    boolean last = false;
    while (!last) {
      last = closing;
      int written = 0;
      try {
        written = write();
        complaint = null;
      } catch (IOException e) {
        broken = true;
        dropped.addAndGet(unsure);
        unsure = 0;
        complain(e);
      } catch (RuntimeException e) {
        // Whatever one line is, those after it are still written.
        dropped.incrementAndGet();
        complain(e);
      }
      if (!last) {
        pause(written > MANY ? SHORT_PAUSE : PAUSE);
      }
    }
  }

  private void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException e) {
      closing = true;
    }
  }

  private void complain(Exception e) {
    String says = String.valueOf(e);
    if (!says.equals(complaint)) {
      log.warn("the access log cannot be written: {}", says);
      complaint = says;
    }
  }

  /** How many lines were waiting. */
  private int write() throws IOException {
    if (broken || !Objects.equals(opened, key())) {
      reopen();
    }
    long nanos = System.nanoTime();
    Instant now = Instant.now();
    sayDropped(now);
    int written = 0;
    AccessLine line = waiting.poll();
    while (line != null) {
      length.decrementAndGet();
      String text = words.of(line, now.minusNanos(nanos - line.ended()));
      unsure++;
      writer.write(text);
      writer.newLine();
      written++;
      line = waiting.poll();
    }
    writer.flush();
    unsure = 0;
    broken = false;
    return written;
  }

  /**
   * Before lines are taken from those that wait: they go on waiting where this cannot be written.
   */
  private void sayDropped(Instant now) throws IOException {
    long lost = dropped.get();
    if (lost > droppedSaid) {
      writer.write("{\"time\":\"" + now + "\",\"dropped\":" + (lost - droppedSaid) + "}");
      writer.newLine();
      writer.flush();
      droppedSaid = lost;
    }
  }

  /** Writes what is waiting, and ends. */
  @Override
  public void close() throws IOException {
    closing = true;
    thread.interrupt();
    try {
      thread.join(Duration.ofSeconds(5));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    writer.close();
  }
}
