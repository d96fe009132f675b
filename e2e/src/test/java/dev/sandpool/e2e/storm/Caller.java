package dev.sandpool.e2e.storm;

import dev.sandpool.e2e.TestClient;
import dev.sandpool.e2e.TestPool;
import dev.sandpool.model.Json;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * An application with one identifier, which knows what the server has acknowledged to it and
 * notices if any of that is lost.
 *
 * <p>What was cut off is in doubt: it may have happened or not. What was acknowledged must be there
 * after any kill: the same start of the application, and the last number that it was given.
 */
final class Caller implements Runnable {
  private static final Duration PAUSE = Duration.ofMillis(20);

  private final TestPool pool;
  private final String identifier;
  private final Random random;
  private final StormReport report;
  private volatile boolean over;

  /** Which start of the application had the session when it last answered; empty before. */
  private String instance = "";

  /** Whether another one may have it by now: a stop was sent, and not acknowledged. */
  private boolean inDoubt = true;

  /** The one whose end was acknowledged: it must never answer again. */
  private String stopped = "none";

  private long written;
  private long attempted;
  private volatile boolean harmed;
  private final AtomicLong answers = new AtomicLong();
  private final AtomicLong looks = new AtomicLong();

  Caller(TestPool pool, String identifier, Random random, StormReport report) {
    this.pool = pool;
    this.identifier = identifier;
    this.random = random;
    this.report = report;
  }

  String identifier() {
    return identifier;
  }

  /** How many good answers it has had. */
  long answers() {
    return answers.get();
  }

  /** How many of them told which sandbox it has. */
  long looks() {
    return looks.get();
  }

  /** Its sandbox itself is harmed by hand from now on, or no more: then its end is right. */
  void harmed(boolean now) {
    harmed = now;
  }

  void end() {
    over = true;
  }

  @Override
  public void run() {
    while (!over) {
      try {
        step();
      } catch (UncheckedIOException e) {
        cut(e);
      }
    }
  }

  private void step() {
    int choice = random.nextInt(100);
    if (choice < 3) {
      stop();
    } else if (choice < 20 && !inDoubt) {
      write();
    } else {
      look();
    }
  }

  private void stop() {
    inDoubt = true;
    if (pool.manage("stopSession?identifier=" + identifier).statusCode() == 200) {
      stopped = instance;
      report.count("stopped");
    }
  }

  private void write() {
    attempted++;
    String command = "echo " + attempted + " > /tmp/state; echo $?";
    HttpResponse<String> answer =
        pool.client()
            .send(
                pool.request("/run", identifier)
                    .POST(
                        BodyPublishers.ofString(
                            Json.MAPPER.writeValueAsString(Map.of("command", command)))));
    if (answer.statusCode() != 200) {
      refused(answer);
    } else if (TestClient.json(answer).path("output").asString().equals("0\n")) {
      // It may be another sandbox than the last that was seen; the next look tells.
      written = attempted;
      answers.incrementAndGet();
    }
  }

  private void look() {
    HttpResponse<String> answer = pool.get("/", identifier);
    if (answer.statusCode() == 200) {
      compare(TestClient.json(answer).path("instance").asString());
      answers.incrementAndGet();
      looks.incrementAndGet();
    } else {
      refused(answer);
    }
  }

  private void compare(String found) {
    if (found.equals(stopped)) {
      report.broken(identifier + " was given its stopped sandbox " + found + " again");
    }
    if (!found.equals(instance)) {
      if (harmed) {
        report.count("ended by harm");
      } else if (!inDoubt) {
        report.broken("%s had %s and was given %s".formatted(identifier, instance, found));
      }
      written = 0;
      instance = found;
    }
    inDoubt = false;
  }

  /**
   * Compares what its sandbox holds with what was acknowledged; when nothing is killed any more.
   */
  void verify() {
    look();
    String text = pool.shell(identifier, "cat /tmp/state 2>/dev/null || echo 0").strip();
    long found = text.isEmpty() ? -1 : Long.parseLong(text);
    if (found < written || found > attempted) {
      report.broken(
          "%s wrote %d of %d and reads %d".formatted(identifier, written, attempted, found));
    }
    report.count("verified");
  }

  private void refused(HttpResponse<String> answer) {
    String code = answer.headers().firstValue("x-ms-error-code").orElse("none");
    report.count("refused " + answer.statusCode() + " " + code);
    if (!inDoubt && !harmed) {
      report.broken(
          "%s has a session and was answered %d %s %s"
              .formatted(identifier, answer.statusCode(), code, answer.body()));
    }
    LockSupport.parkNanos(PAUSE.toNanos());
  }

  private void cut(UncheckedIOException e) {
    if (e.getCause() instanceof HttpTimeoutException) {
      report.broken(identifier + " waited in vain: " + e.getMessage());
    }
    report.count("cut off");
    LockSupport.parkNanos(PAUSE.toNanos());
  }
}
