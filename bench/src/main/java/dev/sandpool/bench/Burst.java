package dev.sandpool.bench;

import dev.sandpool.server.gateway.SandboxConnections;
import dev.sandpool.server.ledger.SessionKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** How long the first answers take when as many new identifiers come at once as are ready. */
final class Burst implements Scenario {
  private static final int CROWD = 300;
  private static final int WARM_UP = 20;
  private static final double TARGET_MILLIS = 50;

  @Override
  public String name() {
    return "burst";
  }

  @Override
  public String title() {
    return "Burst of new identifiers with a simulated engine";
  }

  @Override
  public String method() {
    return """
    %d callers, each with an open connection, send their first request at the same moment, each for an identifier that \
    nobody has used, to a pool that has as many sandboxes ready: gateway, sessions, SQLite ledger and keeper of the \
    server in one JVM, over an engine whose sandboxes all are one nginx. The callers run in the same JVM, on the same \
    processors. A caller's time is from before its request is written until its answer is read. Before, as many bursts \
    as a server that has run for a while has seen: %d."""
        .formatted(CROWD, WARM_UP);
  }

  @Override
  public boolean onServer() {
    return false;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    int backend = Proxies.backend(bench).port();
    List<Double> all = new ArrayList<>();
    List<Double> slowest = new ArrayList<>();
    List<Double> processor = new ArrayList<>();
    long self = ProcessHandle.current().pid();
    try (var gateway =
        new LocalGateway(bench, backend, CROWD, Runtime.getRuntime().availableProcessors())) {
      for (int round = -bench.pick(2, WARM_UP); round < bench.pick(1, 5); round++) {
        gateway.server().awaitReady(CROWD);
        double before = Cpu.seconds(self);
        List<Double> millis = burst(gateway.port(), "burst-" + round);
        if (round >= 0) {
          all.addAll(millis);
          slowest.add(Samples.of(millis).most());
          processor.add((Cpu.seconds(self) - before) * 1000);
        }
        stop(gateway.server(), "burst-" + round);
      }
    }
    Samples samples = Samples.of(all);
    return List.of(
        Figure.atMost(
            "first answer, p99 of %s in bursts of %d".formatted(all.size(), CROWD),
            samples.percentile(0.99),
            TARGET_MILLIS,
            " ms"),
        Figure.plain(
            "first answer, p50 / slowest of each burst",
            "%s / %s ms"
                .formatted(Figure.number(samples.median()), Samples.of(slowest).withRange())),
        Figure.plain(
            "processor time of one burst, callers included",
            Samples.of(processor).withRange() + " ms"));
  }

  /** A burst that finds the sessions of those before would be a burst on a larger pool. */
  private static void stop(SimulatedServer<SandboxConnections> server, String name)
      throws Exception {
    List<Future<Boolean>> ends = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < CROWD; i++) {
        var key = new SessionKey(server.pool(), name + "-" + i);
        Callable<Boolean> end = () -> server.sessions().stop(key, "measured");
        ends.add(threads.submit(end));
      }
      for (Future<Boolean> end : ends) {
        end.get();
      }
    }
  }

  private static List<Double> burst(int port, String name) throws Exception {
    var go = new CountDownLatch(1);
    List<LocalCaller> callers = new ArrayList<>();
    List<Future<Double>> answers = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < CROWD; i++) {
        var caller = new LocalCaller(port);
        callers.add(caller);
        byte[] request = LocalGateway.request(name + "-" + i).getBytes(StandardCharsets.US_ASCII);
        Callable<Double> call = () -> call(caller, request, go);
        answers.add(threads.submit(call));
      }
      go.countDown();
      List<Double> millis = new ArrayList<>();
      for (Future<Double> answer : answers) {
        millis.add(answer.get());
      }
      return millis;
    } finally {
      for (LocalCaller caller : callers) {
        caller.close();
      }
    }
  }

  private static double call(LocalCaller caller, byte[] request, CountDownLatch go)
      throws IOException, InterruptedException {
    go.await();
    long begin = System.nanoTime();
    caller.exchange(request);
    return (System.nanoTime() - begin) / 1e6;
  }
}
