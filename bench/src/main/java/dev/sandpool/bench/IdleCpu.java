package dev.sandpool.bench;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/** What a server that serves nobody costs. */
final class IdleCpu implements Scenario {
  @Override
  public String name() {
    return "idle";
  }

  @Override
  public String title() {
    return "Idle with 20 warm sandboxes";
  }

  @Override
  public String method() {
    return """
    Processor time (user and system) over 60 s without a request, sessions, or callers, from `/proc/PID/stat`, in \
    percent of one core: the server's JVM and each sandbox's monitor (conmon). The sandboxes themselves (gVisor and \
    the application in it) are shown apart: they are the guest's, not the server's.""";
  }

  @Override
  public boolean onServer() {
    return true;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    RealServer server = bench.server();
    server.stopSessions();
    server.awaitQuiet();
    Thread.sleep(Duration.ofSeconds(bench.pick(2, 15)));
    long[] monitors = server.monitors();
    if (monitors.length != RealServer.WARM) {
      throw new IOException(monitors.length + " sandboxes instead of " + RealServer.WARM);
    }
    long[] guests =
        Arrays.stream(monitors)
            .mapToObj(ProcessHandle::of)
            .flatMap(monitor -> monitor.stream())
            .flatMap(ProcessHandle::descendants)
            .mapToLong(ProcessHandle::pid)
            .toArray();
    int seconds = bench.pick(10, 60);
    bench.say("watching %d processes for %d s".formatted(monitors.length + guests.length, seconds));
    return watch(server.pids(), monitors, guests, seconds);
  }

  private static List<Figure> watch(long[] server, long[] monitors, long[] guests, int seconds)
      throws IOException, InterruptedException {
    double serverBefore = Cpu.seconds(server);
    double monitorsBefore = Cpu.seconds(monitors);
    double guestsBefore = Cpu.seconds(guests);
    Thread.sleep(Duration.ofSeconds(seconds));
    double serverShare = 100 * (Cpu.seconds(server) - serverBefore) / seconds;
    double monitorShare = 100 * (Cpu.seconds(monitors) - monitorsBefore) / seconds;
    double guestShare = 100 * (Cpu.seconds(guests) - guestsBefore) / seconds;
    return List.of(
        Figure.atMost("server and monitors", serverShare + monitorShare, 1, " % of a core"),
        Figure.plain(
            "of it server / monitors",
            "%s / %s %%".formatted(Figure.number(serverShare), Figure.number(monitorShare))),
        Figure.plain(
            "the 20 sandboxes themselves (%d processes)".formatted(guests.length),
            Figure.number(guestShare) + " % of a core"));
  }
}
