package dev.sandpool.server.gateway;

import dev.sandpool.model.Json;
import io.vertx.core.http.HttpVersion;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * One JSON object a line for each request of a session. Event loops leave what they know in a
 * bounded queue and never wait; a thread of its own writes. What does not fit is dropped and
 * counted, and the count is written. A file that was moved away is opened anew under its name.
 */
public final class AccessLog implements RequestNotes, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AccessLog.class);
  private static final int MOST_WAITING = 100_000;
  private static final int LONGEST_PATH = 512;
  private static final int LONGEST_ID = 128;
  private static final Duration PAUSE = Duration.ofMillis(100);

  private final Path file;
  private final UnaryOperator<String> hashing;
  private final ConcurrentLinkedQueue<AccessLine> waiting = new ConcurrentLinkedQueue<>();
  private final AtomicInteger length = new AtomicInteger();
  private final AtomicLong dropped = new AtomicLong();
  private final int most;
  private final Thread thread;
  private volatile boolean closing;
  private BufferedWriter writer;
  private @Nullable Object opened;
  private long droppedSaid;
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
    this.hashing = hashing;
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
    boolean last = false;
    while (!last) {
      last = closing;
      try {
        write();
        complaint = null;
      } catch (IOException | RuntimeException e) {
        // Whatever one line is, those after it are still written.
        complain(e);
      }
      if (!last) {
        pause();
      }
    }
  }

  private void pause() {
    try {
      Thread.sleep(PAUSE);
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

  private void write() throws IOException {
    if (!Objects.equals(opened, key())) {
      writer.close();
      writer = open();
    }
    long nanos = System.nanoTime();
    Instant now = Instant.now();
    AccessLine line = waiting.poll();
    while (line != null) {
      length.decrementAndGet();
      writer.write(words(line, now.minusNanos(nanos - line.ended())));
      writer.newLine();
      line = waiting.poll();
    }
    long lost = dropped.get();
    if (lost > droppedSaid) {
      writer.write("{\"time\":\"" + now + "\",\"dropped\":" + (lost - droppedSaid) + "}");
      writer.newLine();
      droppedSaid = lost;
    }
    writer.flush();
  }

  private String words(AccessLine line, Instant ended) {
    ObjectNode words = JsonNodeFactory.instance.objectNode();
    words.put("time", ended.toString());
    words.put("request", line.id().toString());
    CharSequence callers = line.callersId();
    if (callers != null) {
      words.put("callerRequest", cut(callers, LONGEST_ID));
    }
    CharSequence traceparent = line.traceparent();
    if (traceparent != null) {
      words.put("trace", Traceparent.trace(traceparent));
    }
    words.put("outcome", line.outcome());
    if (line.pool() != null) {
      words.put("pool", line.pool());
    }
    if (line.identifier() != null) {
      words.put("session", hashing.apply(line.identifier()));
    }
    words.put("method", line.method());
    words.put("path", path(line.target()));
    HttpVersion version = line.version();
    if (version != null) {
      words.put("protocol", version.alpnName());
    }
    words.put("status", line.status());
    if (line.code() != null) {
      words.put("code", line.code());
    }
    between(words, "tokenMs", line.id().arrivedNanos(), line.known());
    between(words, "queueMs", line.known(), line.started() - line.claim());
    between(words, "claimMs", line.started() - line.claim(), line.started());
    between(words, "connectMs", line.started(), line.sent());
    between(words, "firstByteMs", line.sent(), line.head());
    between(words, "totalMs", line.id().arrivedNanos(), line.ended());
    return Json.MAPPER.writeValueAsString(words);
  }

  /** Without the query, which holds the identifier. */
  private static String path(String target) {
    int query = target.indexOf('?');
    return cut(query < 0 ? target : target.substring(0, query), LONGEST_PATH);
  }

  private static String cut(CharSequence text, int most) {
    return text.subSequence(0, Math.min(text.length(), most)).toString();
  }

  private static void between(ObjectNode words, String name, long from, long to) {
    if (from != 0 && to != 0) {
      words.put(name, TimeUnit.NANOSECONDS.toMicros(to - from) / 1000.0);
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
