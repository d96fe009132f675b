package dev.sandpool.server.audit;

import dev.sandpool.model.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;

/**
 * The files that the record is written to, and the last word of each batch: on the disk. Used by
 * one thread at a time.
 */
final class AuditFile implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(AuditFile.class);

  /** However little there is to write, what is too old must be able to go by itself. */
  private static final Duration LONGEST = Duration.ofDays(1);

  private final AuditSettings settings;
  private final Segments segments;
  private Chain chain;
  private FileChannel channel;
  private long size;
  private boolean torn;
  private Instant begun;

  private AuditFile(
      AuditSettings settings,
      Segments segments,
      Chain chain,
      FileChannel channel,
      long size,
      Instant begun) {
    this.begun = begun;
    this.settings = settings;
    this.segments = segments;
    this.chain = chain;
    this.channel = channel;
    this.size = size;
  }

  /**
   * Opens the record to add to it. A last line that was not written to its end was told to nobody,
   * and goes.
   *
   * @param hashing of identifiers
   * @throws IOException also if what is there is no record, naming the file
   */
  static AuditFile open(AuditSettings settings, UnaryOperator<String> hashing, Instant now)
      throws IOException {
    Files.createDirectories(
        settings.folder(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    var segments = new Segments(settings.folder());
    List<Path> all = segments.list();
    for (int i = all.size() - 1; i >= 0; i--) {
      Path last = all.get(i);
      long whole = wholeLines(last);
      if (whole > 0 || i == 0) {
        FileChannel channel = append(last, whole);
        Chain chain =
            whole == 0
                ? new Chain(Segments.first(last), Chain.BEGINNING, hashing)
                : after(last, lastLine(last, whole), hashing);
        return new AuditFile(settings, segments, chain, channel, whole, now);
      }
      Files.delete(last); // It was begun and nothing came into it.
    }
    var chain = new Chain(1, Chain.BEGINNING, hashing);
    return new AuditFile(settings, segments, chain, append(segments.beginningWith(1), 0), 0, now);
  }

  private static FileChannel append(Path file, long size) throws IOException {
    var owner = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    FileChannel channel =
        FileChannel.open(file, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), owner);
    if (channel.size() > size) {
      log.warn("{}: {} bytes of a line that was not ended go", file, channel.size() - size);
      channel.truncate(size);
    }
    channel.position(size);
    return channel;
  }

  /** How many bytes of a file are lines with their end. */
  private static long wholeLines(Path file) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int end = bytes.length;
    while (end > 0 && bytes[end - 1] != '\n') {
      end--;
    }
    return end;
  }

  private static String lastLine(Path file, long whole) throws IOException {
    byte[] bytes = Files.readAllBytes(file);
    int end = (int) whole - 1;
    int begin = end;
    while (begin > 0 && bytes[begin - 1] != '\n') {
      begin--;
    }
    return new String(bytes, begin, end - begin, StandardCharsets.UTF_8);
  }

  private static Chain after(Path file, String line, UnaryOperator<String> hashing)
      throws IOException {
    try {
      long number = Json.MAPPER.readTree(line).path("seq").asLong(0);
      if (number > 0) {
        return new Chain(number + 1, Chain.hash(line), hashing);
      }
    } catch (JacksonException e) {
      throw notARecord(file, e);
    }
    throw notARecord(file, null);
  }

  private static IOException notARecord(Path file, @Nullable Exception cause) {
    return new IOException(
        file + ": its last line is no record of the audit; move the file away to begin anew",
        cause);
  }

  /**
   * Writes events, all or none; returns when they are on the disk.
   *
   * @throws IOException if they are not
   */
  void write(List<AuditEvent> events, Instant now) throws IOException {
    if (torn) {
      takeBack();
    }
    boolean old = size > 0 && now.isAfter(begun.plus(LONGEST));
    if (old || size >= settings.segmentBytes()) {
      begin(now);
    }
    Chain ahead = chain.copy();
    var text = new StringBuilder();
    events.forEach(event -> text.append(ahead.line(event)).append('\n'));
    ByteBuffer bytes = ByteBuffer.wrap(text.toString().getBytes(StandardCharsets.UTF_8));
    int length = bytes.remaining();
    torn = true;
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
    channel.force(false);
    torn = false;
    chain = ahead;
    size += length;
  }

  /** Of a batch that is not whole nothing may remain when the next comes. */
  private void takeBack() throws IOException {
    channel.truncate(size);
    channel.position(size);
    torn = false;
  }

  private void begin(Instant now) throws IOException {
    FileChannel next = append(segments.beginningWith(chain.next()), 0);
    channel.close();
    channel = next;
    size = 0;
    begun = now;
    retire(now);
  }

  /** Removes what is too old or too much, whole files at a time, never the one written to. */
  void retire(Instant now) throws IOException {
    List<Path> all = segments.list();
    long bytes = 0;
    for (Path segment : all) {
      bytes += Files.size(segment);
    }
    Instant oldest = now.minus(settings.maxAge());
    for (Path segment : all.subList(0, Math.max(0, all.size() - 1))) {
      boolean old = Files.getLastModifiedTime(segment).toInstant().isBefore(oldest);
      if (bytes <= settings.maxBytes() && !old) {
        return;
      }
      bytes -= Files.size(segment);
      Files.delete(segment);
      log.info("{}: removed, {}", segment, old ? "too old" : "there is more than may be");
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }
}
