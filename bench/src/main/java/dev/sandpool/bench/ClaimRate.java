package dev.sandpool.bench;

import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.session.Allocation;
import dev.sandpool.server.session.Upstream;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/** How many claims sessions, ledger and keeper can do where sandboxes cost nothing. */
final class ClaimRate implements Scenario {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int CALLERS = 64;

  /** How many sessions there were, how long each took to be had, and what all took together. */
  private record Result(List<Double> millis, double seconds) {
    double perSecond() {
      return millis.size() / seconds;
    }
  }

  @Override
  public String name() {
    return "claims";
  }

  @Override
  public String title() {
    return "Claims with a simulated engine";
  }

  @Override
  public String method() {
    return """
    The server's SQLite ledger (on this machine's disk, every claim committed), sessions and keeper over an engine whose \
    sandboxes are no processes and start at once, in one JVM. *Whole lives*: 64 virtual threads each take a session and \
    stop it, so that for every claim a sandbox is also stopped, started and made ready in the ledger. *Warm pool*: as \
    many claims at once as there are ready sandboxes, while the keeper already replaces them. *Single caller*: one \
    claim at a time with a pool of 20, latency of `Sessions.allocate`.""";
  }

  @Override
  public boolean onServer() {
    return false;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    int warm = bench.pick(500, 2000);
    Result single;
    List<Double> lives = new ArrayList<>();
    List<Double> bursts = new ArrayList<>();
    try (var server = server(bench, 20)) {
      server.awaitReady(20);
      bench.say("whole lives");
      lives(server, bench.pick(1000, 5000));
      for (int i = 0; i < bench.pick(1, 5); i++) {
        lives.add(lives(server, bench.pick(1000, 5000)).perSecond());
      }
      bench.say("single caller");
      single = single(server, bench.pick(200, 2000));
    }
    bench.say("warm pool");
    for (int i = 0; i < bench.pick(1, 5); i++) {
      try (var server = server(bench, warm)) {
        server.awaitReady(warm);
        bursts.add(claims(server, warm, false).perSecond());
      }
    }
    Samples latency = Samples.of(single.millis());
    return List.of(
        Figure.plain(
            "whole lives per second, %d callers".formatted(CALLERS), Samples.of(lives).withRange()),
        Figure.plain(
            "claims per second, warm pool of " + Figure.number(warm),
            Samples.of(bursts).withRange()),
        Figure.plain(
            "single caller, p50 / p99 of " + Figure.number(latency.count()),
            "%s / %s ms"
                .formatted(
                    Figure.number(latency.median()), Figure.number(latency.percentile(0.99)))));
  }

  private static SimulatedServer<Upstream> server(Bench bench, int ready) throws IOException {
    return new SimulatedServer<>(
        bench.folder("claims"), 1, ready, (sandbox, address, port) -> () -> {});
  }

  private static Result lives(SimulatedServer<Upstream> server, int count)
      throws InterruptedException, ExecutionException {
    return claims(server, count, true);
  }

  private static Result claims(SimulatedServer<Upstream> server, int count, boolean stop)
      throws InterruptedException, ExecutionException {
    List<Double> millis = Collections.synchronizedList(new ArrayList<>());
    var next = new AtomicInteger();
    long begin = System.nanoTime();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<?>> callers = new ArrayList<>();
      for (int i = 0; i < CALLERS; i++) {
        callers.add(
            threads.submit(
                () -> {
                  while (next.getAndIncrement() < count) {
                    millis.add(claim(server, stop));
                  }
                  return null;
                }));
      }
      for (Future<?> caller : callers) {
        caller.get();
      }
    }
    return new Result(millis, (System.nanoTime() - begin) / 1e9);
  }

  private static Result single(SimulatedServer<Upstream> server, int count)
      throws IOException, InterruptedException {
    List<Double> millis = new ArrayList<>();
    long begin = System.nanoTime();
    for (int i = 0; i < count; i++) {
      server.awaitReady(10);
      millis.add(claim(server, true));
    }
    return new Result(millis, (System.nanoTime() - begin) / 1e9);
  }

  private static final AtomicInteger IDENTIFIERS = new AtomicInteger();

  private static double claim(SimulatedServer<Upstream> server, boolean stop)
      throws InterruptedException {
    var key = new SessionKey(server.pool(), "caller-" + IDENTIFIERS.incrementAndGet());
    long begin = System.nanoTime();
    Allocation<Upstream> result = server.sessions().allocate(key, PATIENCE);
    double millis = (System.nanoTime() - begin) / 1e6;
    if (!(result instanceof Allocation.Held<Upstream> held) || !held.fresh()) {
      throw new IllegalStateException("no session: " + result);
    }
    if (stop) {
      server.sessions().stop(key, "measured");
    }
    return millis;
  }
}
