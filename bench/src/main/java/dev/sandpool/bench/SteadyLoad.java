package dev.sandpool.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;

/**
 * Requests at fixed times, each call on a kept-alive connection of its own: one that is late delays
 * the next of its connection, and that wait counts, since each is timed from when it was due.
 */
final class SteadyLoad {
  private final List<HttpCall> calls;
  private final int perSecond;

  /**
   * @param perSecond of all calls together
   */
  SteadyLoad(List<HttpCall> calls, int perSecond) {
    this.calls = List.copyOf(calls);
    this.perSecond = perSecond;
  }

  /**
   * One answer.
   *
   * @param due when, in seconds after the load began
   * @param millis from when it was due until its last byte
   */
  private record Answer(double due, double millis) {}

  /** All answers to one load, in milliseconds from when they were due. */
  record Answers(List<Answer> each) {
    Samples all() {
      return from(Duration.ZERO);
    }

    /** Those to what was due after the load had gone on for so long. */
    Samples from(Duration begun) {
      double seconds = begun.toNanos() / 1e9;
      return Samples.of(
          each.stream().filter(answer -> answer.due() >= seconds).map(Answer::millis).toList());
    }
  }

  /** Sends for so long. */
  Answers run(Duration time) throws IOException, InterruptedException {
    long interval = 1_000_000_000L * calls.size() / perSecond;
    long begin = System.nanoTime() + 50_000_000;
    List<Callable<List<Answer>>> lanes = new ArrayList<>();
    for (int i = 0; i < calls.size(); i++) {
      HttpCall call = calls.get(i);
      long first = begin + interval * i / calls.size();
      lanes.add(() -> lane(call, begin, first, interval, begin + time.toNanos()));
    }
    List<Answer> answers = new ArrayList<>();
    try (var threads = Executors.newFixedThreadPool(calls.size())) {
      for (Future<List<Answer>> lane : threads.invokeAll(lanes)) {
        answers.addAll(lane.get());
      }
    } catch (ExecutionException e) {
      throw new IOException("a request failed: " + e.getCause(), e.getCause());
    }
    return new Answers(List.copyOf(answers));
  }

  private static List<Answer> lane(HttpCall call, long begin, long first, long interval, long end)
      throws IOException {
    List<Answer> answers = new ArrayList<>();
    try (HttpCall.Kept connection = call.keep()) {
      for (long due = first; due < end; due += interval) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        connection.send().ok();
        answers.add(new Answer((due - begin) / 1e9, (System.nanoTime() - due) / 1e6));
      }
    }
    return answers;
  }
}
