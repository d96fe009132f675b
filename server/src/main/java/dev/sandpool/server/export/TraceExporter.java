package dev.sandpool.server.export;

import dev.sandpool.server.metrics.ExportMeters;
import dev.sandpool.server.time.Time;
import dev.sandpool.server.trace.Span;
import dev.sandpool.server.trace.SpanQueue;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands spans on: one thread takes them from the queue into a spool on the disk each second,
 * another one from there to the receiver, which may be away for as long as the spool has room.
 */
final class TraceExporter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TraceExporter.class);
  private static final Duration GATHERED = Duration.ofSeconds(1);

  /** Requests of one batch; each has some spans. */
  private static final int MOST_REQUESTS = 1000;

  private final Parts parts;
  private final Thread gathering;
  private final Thread sending;
  private int failures;
  private @Nullable String complaint;

  /** What it is made of; it closes the receiver. */
  record Parts(
      SpanQueue queue,
      Spool spool,
      OtlpTraces format,
      Receiver receiver,
      Pauses pauses,
      ExportMeters meters,
      Time time) {}

  /** Begins. */
  TraceExporter(Parts parts) {
    this.parts = parts;
    parts.meters.waiting(parts.spool::bytes);
    this.gathering = Thread.ofVirtual().name("spans").start(this::gather);
    this.sending = Thread.ofVirtual().name("export traces").start(this::send);
  }

  private void gather() {
    try {
      while (true) {
        Thread.sleep(GATHERED);
        store();
      }
    } catch (InterruptedException e) {
      // What is in the queue now would be lost although the disk is there.
      store();
      Thread.currentThread().interrupt();
    }
  }

  private void store() {
    parts.meters.dropped(parts.queue.takeDropped());
    List<Span> spans = parts.queue.take(MOST_REQUESTS);
    while (!spans.isEmpty()) {
      int items = spans.stream().mapToInt(it -> 1 + it.phases().size()).sum();
      try {
        byte[] request = parts.format.write(spans);
        long micros = ChronoUnit.MICROS.between(Instant.EPOCH, parts.time.now());
        parts.meters.dropped(parts.spool.add(request, items, micros));
      } catch (IOException | RuntimeException e) {
        parts.meters.dropped(items);
        log.debug("spans are dropped", e);
        log.warn("{} spans could not be stored: {}", items, e.toString());
      }
      spans = parts.queue.take(MOST_REQUESTS);
    }
  }

  private void send() {
    try {
      while (true) {
        Thread.sleep(handOn());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends the oldest, and answers how long to wait before the next. */
  private Duration handOn() throws InterruptedException {
    Spool.Entry oldest = parts.spool.oldest().orElse(null);
    parts.meters.oldest(oldest == null ? Long.MAX_VALUE : oldest.micros());
    if (oldest == null) {
      return GATHERED;
    }
    try {
      Optional<byte[]> request = parts.spool.read(oldest);
      return request.isEmpty() ? Duration.ZERO : heard(parts.receiver.post(request.get()), oldest);
    } catch (IOException e) {
      return failed(e.toString());
    }
  }

  private Duration heard(Answer answer, Spool.Entry entry) throws IOException {
    switch (answer) {
      case Answer.Taken(long refused, String says) ->
          over(entry, Math.clamp(refused, 0, entry.items()), says);
      case Answer.Refused(String says) -> over(entry, entry.items(), says);
      case Answer.TooLarge(String says) -> over(entry, entry.items(), says);
      case Answer.Later(Optional<Duration> after, String says) -> {
        Duration pause = failed(says);
        return after.map(parts.pauses::bounded).filter(it -> it.isPositive()).orElse(pause);
      }
    }
    failures = 0;
    return Duration.ZERO;
  }

  private void over(Spool.Entry entry, long refused, String says) throws IOException {
    parts.spool.remove(entry);
    parts.meters.delivered(entry.items() - refused);
    parts.meters.refused(refused);
    if (refused > 0) {
      complain("spans were refused: " + says);
    } else if (complaint != null) {
      log.info("traces for {}: handed on again", parts.receiver);
      complaint = null;
    }
  }

  private Duration failed(String why) {
    parts.meters.failure();
    failures++;
    complain(why);
    return parts.pauses.after(failures);
  }

  /** Says what is wrong once, and not each time. */
  private void complain(String says) {
    if (!says.equals(complaint)) {
      log.warn("traces for {}: {}", parts.receiver, says);
      complaint = says;
    }
  }

  @Override
  public void close() {
    gathering.interrupt();
    sending.interrupt();
    parts.receiver.close();
    try {
      gathering.join();
      sending.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
