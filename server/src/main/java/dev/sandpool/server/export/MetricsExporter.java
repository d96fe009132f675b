package dev.sandpool.server.export;

import dev.sandpool.server.metrics.ExportMeters;
import dev.sandpool.server.metrics.Metrics;
import dev.sandpool.server.time.Time;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands a reading of all meters on, again and again. A reading that the receiver does not take is
 * not kept: sums are cumulative, so the next one tells all that it told but the gauges of then.
 */
final class MetricsExporter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(MetricsExporter.class);

  private final Metrics metrics;
  private final OtlpMetrics format;
  private final Receiver receiver;
  private final ExportMeters meters;
  private final Time time;
  private final Duration interval;
  private final Thread thread;
  private @Nullable Instant untold;
  private @Nullable String complaint;

  /** What it is made of, which it closes. */
  record Parts(
      Metrics metrics, OtlpMetrics format, Receiver receiver, ExportMeters meters, Time time) {}

  /** Begins. */
  MetricsExporter(Parts parts, Duration interval) {
    this.metrics = parts.metrics;
    this.format = parts.format;
    this.receiver = parts.receiver;
    this.meters = parts.meters;
    this.time = parts.time;
    this.interval = interval;
    this.thread = Thread.ofVirtual().name("export metrics").start(this::run);
  }

  private void run() {
    try {
      while (true) {
        Thread.sleep(interval);
        handOn();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void handOn() throws InterruptedException {
    Instant now = time.now();
    Instant oldest = untold == null ? now : untold;
    untold = oldest;
    meters.oldest(ChronoUnit.MICROS.between(Instant.EPOCH, oldest));
    try {
      for (OtlpMetrics.Page page :
          format.write(metrics.read(), ChronoUnit.NANOS.between(Instant.EPOCH, now))) {
        if (!heard(receiver.post(page.request().toByteArray()), page.points())) {
          return;
        }
      }
      untold = null;
      meters.oldest(Long.MAX_VALUE);
    } catch (RuntimeException e) {
      // A pool's meters may be read by code of others; the next reading may do better.
      log.debug("not handed on", e);
      meters.failure();
      complain(e.toString());
    }
  }

  /** Whether to go on with this reading. */
  private boolean heard(Answer answer, int points) {
    switch (answer) {
      case Answer.Taken(long refused, String says) -> {
        long without = Math.clamp(refused, 0, points);
        meters.delivered(points - without);
        refused(without, says);
        return true;
      }
      case Answer.Refused(String says) -> {
        refused(points, says);
        return true;
      }
      case Answer.TooLarge(String says) -> {
        refused(points, says);
        return true;
      }
      case Answer.Later(_, String says) -> {
        meters.failure();
        complain(says);
        return false;
      }
    }
  }

  private void refused(long points, String says) {
    meters.refused(points);
    if (points > 0) {
      complain("data points were refused: " + says);
    } else if (complaint != null) {
      log.info("metrics for {}: handed on again", receiver);
      complaint = null;
    }
  }

  /** Says what is wrong once, and not each time. */
  private void complain(String says) {
    if (!says.equals(complaint)) {
      log.warn("metrics for {}: {}", receiver, says);
      complaint = says;
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
