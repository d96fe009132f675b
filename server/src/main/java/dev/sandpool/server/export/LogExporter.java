package dev.sandpool.server.export;

import dev.sandpool.server.logs.LogTap;
import dev.sandpool.server.metrics.ExportMeters;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands stored rows on to one receiver, each at least once: it goes on only when the receiver has
 * what it was sent. Whoever stores rows never waits for it.
 */
final class LogExporter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(LogExporter.class);

  /** How much is sent at once, before it is compressed. */
  static final int MOST_BYTES = 1 << 20;

  /** By how much more is sent at once after a receiver that wanted less took what it got. */
  private static final int MORE_BYTES = 32 << 10;

  /** How long rows may wait for others to go with. */
  private static final Duration GATHERED = Duration.ofSeconds(1);

  private final LogTap tap;
  private final LogQueue queue;
  private final LogFormat format;
  private final Receiver receiver;
  private final Pauses pauses;
  private final ExportMeters meters;
  private final Thread thread;
  private int mostBytes = MOST_BYTES;
  private int failures;
  private @Nullable String complaint;

  /** What it is made of, which it closes. */
  record Parts(
      LogTap tap,
      LogQueue queue,
      LogFormat format,
      Receiver receiver,
      Pauses pauses,
      ExportMeters meters) {}

  /** Begins. */
  LogExporter(String name, Parts parts) {
    this.tap = parts.tap;
    this.queue = parts.queue;
    this.format = parts.format;
    this.receiver = parts.receiver;
    this.pauses = parts.pauses;
    this.meters = parts.meters;
    meters.waiting(queue::behind);
    this.thread = Thread.ofVirtual().name("export " + name).start(this::run);
  }

  private void run() {
    try {
      while (true) {
        long seen = tap.version();
        Duration pause = handOn();
        if (pause.isZero()) {
          continue;
        }
        Thread.sleep(pause);
        if (failures == 0) {
          tap.awaitChange(seen, pauses.longest());
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends what there is, and answers how long to wait before the next. */
  private Duration handOn() throws InterruptedException {
    try {
      LogBatch batch = queue.next(mostBytes);
      if (batch.blocks().isEmpty()) {
        meters.oldest(Long.MAX_VALUE);
        return GATHERED;
      }
      meters.oldest(batch.oldestMicros());
      Answer answer =
          batch.rows() == 0 ? new Answer.Taken(0, "") : receiver.post(format.write(batch));
      return heard(answer, batch);
    } catch (IOException | RuntimeException e) {
      log.debug("not handed on", e);
      return failed(String.valueOf(e));
    }
  }

  private Duration heard(Answer answer, LogBatch batch) throws IOException {
    switch (answer) {
      case Answer.Taken taken -> {
        if (taken.refused() > 0) {
          complain("refused", "it refused " + taken.refused() + " rows: " + taken.says());
        } else {
          content();
        }
        return taken(batch, Math.clamp(taken.refused(), 0, batch.rows()));
      }
      case Answer.Refused refused -> {
        complain("refused", "it refused up to " + batch.rows() + " rows: " + refused.says());
        return taken(batch, batch.rows());
      }
      case Answer.TooLarge large -> {
        if (batch.blocks().size() > 1) {
          mostBytes = Math.max(1, mostBytes / 2);
          log.debug("{} wants less than {} bytes at once", receiver, 2 * mostBytes);
          return Duration.ZERO;
        }
        complain("refused", "it refused " + batch.rows() + " rows: " + large.says());
        return taken(batch, batch.rows());
      }
      case Answer.Later later -> {
        Duration pause = failed(later.says());
        return later.after().map(pauses::bounded).filter(it -> it.isPositive()).orElse(pause);
      }
    }
  }

  private Duration taken(LogBatch batch, long refused) throws IOException {
    queue.delivered(batch);
    meters.delivered(batch.rows() - refused);
    meters.refused(refused);
    meters.oldest(Long.MAX_VALUE);
    mostBytes = Math.min(MOST_BYTES, mostBytes + MORE_BYTES);
    failures = 0;
    return queue.behind() >= mostBytes ? Duration.ZERO : GATHERED;
  }

  private Duration failed(String why) {
    meters.failure();
    failures++;
    complain(why, why);
    return pauses.after(failures);
  }

  /** Says what is wrong once, and not each time that the same kind of it happens. */
  private void complain(String kind, String says) {
    if (!kind.equals(complaint)) {
      log.warn("logs for {}: {}", receiver, says);
      complaint = kind;
    }
  }

  private void content() {
    if (complaint != null) {
      log.info("logs for {}: handed on again", receiver);
      complaint = null;
    }
  }

  @Override
  public void close() {
    thread.interrupt();
    receiver.close();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
