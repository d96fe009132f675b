package dev.sandpool.e2e.storm;

import static org.awaitility.Awaitility.await;

import dev.sandpool.e2e.HostProcesses;
import dev.sandpool.e2e.Stage;
import dev.sandpool.e2e.TestPool;
import dev.sandpool.e2e.TestServer;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.LockSupport;

/**
 * Kills of our processes at random moments, while applications use their sessions and others come
 * and go. Every choice comes from the plan's seed; the moments also from how busy the host is.
 */
final class Storm {
  /** Of a hundred kills, so many are followed by one while the server starts. */
  private static final int EARLY_PERCENT = 25;

  private final StormPlan plan;
  private final TestServer server;
  private final TestPool pool;
  private final Random random;
  private final StormReport report = new StormReport();
  private final List<Caller> callers = new ArrayList<>();

  Storm(StormPlan plan, Stage stage, TestPool pool) {
    this.plan = plan;
    this.server = stage.server();
    this.pool = pool;
    this.random = new Random(plan.seed());
    for (int number = 0; number < plan.callers(); number++) {
      var choices = new Random(plan.seed() * 31 + number);
      callers.add(new Caller(pool, "caller-" + number, choices, report));
    }
  }

  StormReport run() throws Exception {
    var newcomers = new Newcomers(pool, report);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      callers.forEach(threads::execute);
      threads.execute(newcomers);
      try {
        for (int kill = 1; kill <= plan.kills(); kill++) {
          awaitCallers(kill);
          LockSupport.parkNanos(random.nextLong(plan.calm().toNanos()));
          killSomething();
          progress(kill);
        }
        awaitCallers(plan.kills() + 1);
      } finally {
        callers.forEach(Caller::end);
        newcomers.end();
      }
    }
    callers.forEach(Caller::verify);
    return report;
  }

  private void progress(int kill) {
    if (kill % 10 == 0 || kill == plan.kills()) {
      System.out.printf("storm: %d of %d kills, %s%n", kill, plan.kills(), report);
    }
  }

  /** A storm that kills faster than anybody is served would prove nothing. */
  private void awaitCallers(int kill) {
    for (Caller caller : callers) {
      long before = caller.answers();
      await(caller.identifier() + " is served again before kill " + kill + ", " + plan)
          .atMost(plan.recovery())
          .pollInterval(Duration.ofMillis(10))
          .until(() -> caller.answers() > before);
    }
  }

  private void killSomething() throws IOException, InterruptedException {
    if (random.nextInt(100) < plan.harms()) {
      harm(callers.get(random.nextInt(callers.size())), random.nextBoolean());
      return;
    }
    List<String> names = List.copyOf(server.processes().keySet());
    String victim = names.get(random.nextInt(names.size()));
    server.kill(victim);
    report.count("killed " + victim);
    while (random.nextInt(100) < EARLY_PERCENT) {
      server.restartWithoutWaiting();
      LockSupport.parkNanos(random.nextLong(Duration.ofMillis(1500).toNanos()));
      server.kill(victim);
      report.count("killed " + victim + " while it started");
    }
    server.recover();
  }

  /** Kills a sandbox's monitor or its first process, as an operator might by mistake. */
  private void harm(Caller caller, boolean monitor) throws IOException {
    caller.harmed(true);
    try {
      Optional<String> sandbox = pool.sandboxNow(caller.identifier());
      if (sandbox.isEmpty()) {
        return; // It is between two sessions.
      }
      String name = server.instance().prefix() + sandbox.get();
      List<Long> victims = monitor ? HostProcesses.monitors(name) : HostProcesses.inSandbox(name);
      if (victims.isEmpty()) {
        return; // It has ended meanwhile.
      }
      HostProcesses.kill(victims.getFirst());
      report.count(monitor ? "killed a monitor" : "killed a sandbox");
      await("the end of " + name + " is noticed, " + plan)
          .atMost(plan.recovery())
          .pollInterval(Duration.ofMillis(50))
          .until(() -> !server.namespaces().contains(name));
      // A number may be written to the next sandbox before it is known to be another one.
      long before = caller.looks();
      await("its identifier is served again, " + plan)
          .atMost(plan.recovery())
          .pollInterval(Duration.ofMillis(10))
          .until(() -> caller.looks() > before + 1);
    } finally {
      caller.harmed(false);
    }
  }

  /** How many sandboxes are there that no session has. */
  List<String> unheld() throws IOException {
    List<String> unheld = new ArrayList<>(server.namespaces());
    String prefix = server.instance().prefix();
    unheld.removeAll(
        pool.sessions().stream().map(session -> prefix + session.path("etag").asString()).toList());
    return unheld;
  }
}
