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

  /** How long the answers took, in milliseconds. */
  Samples run(Duration time) throws IOException, InterruptedException {
    long interval = 1_000_000_000L * calls.size() / perSecond;
    long begin = System.nanoTime() + 50_000_000;
    List<Callable<List<Double>>> lanes = new ArrayList<>();
    for (int i = 0; i < calls.size(); i++) {
      HttpCall call = calls.get(i);
      long first = begin + interval * i / calls.size();
      lanes.add(() -> lane(call, first, interval, begin + time.toNanos()));
    }
    List<Double> millis = new ArrayList<>();
    try (var threads = Executors.newFixedThreadPool(calls.size())) {
      for (Future<List<Double>> lane : threads.invokeAll(lanes)) {
        millis.addAll(lane.get());
      }
    } catch (ExecutionException e) {
      throw new IOException("a request failed: " + e.getCause(), e.getCause());
    }
    return Samples.of(millis);
  }

  private static List<Double> lane(HttpCall call, long first, long interval, long end)
      throws IOException {
    List<Double> millis = new ArrayList<>();
    try (HttpCall.Kept connection = call.keep()) {
      for (long due = first; due < end; due += interval) {
        for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
          LockSupport.parkNanos(left);
        }
        connection.send().ok();
        millis.add((System.nanoTime() - due) / 1e6);
      }
    }
    return millis;
  }
}
