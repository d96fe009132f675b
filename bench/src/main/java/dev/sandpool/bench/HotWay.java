package dev.sandpool.bench;

import dev.sandpool.bench.Proxies.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Where the processor time of an event loop goes that forwards requests. */
final class HotWay implements Scenario {
  private static final String PICTURE = "docs/flame.svg";

  @Override
  public String name() {
    return "flame";
  }

  @Override
  public String title() {
    return "Where a forwarded request's processor time goes";
  }

  @Override
  public String method() {
    return """
    The event loop's samples of processor time (JFR's `jdk.CPUTimeSample`, one each millisecond, calls of the system \
    among them) while `wrk -t1 -c32` asks 100 sessions for answers of 1 KiB, as for the same work as other proxies; \
    drawn into `%s`. Shares are of the innermost frame outside of the JDK. Other work of the machine makes samples fewer \
    and hardly moves shares.\
    """
        .formatted(PICTURE);
  }

  @Override
  public boolean onServer() {
    return false;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    Path folder = bench.folder("flame");
    int backend = Proxies.fileBackend(bench, Map.of("1k", 1024)).port();
    Proxy sandpool = new SessionPeers(bench, folder, backend, false).sandpool();
    List<String> targets =
        SessionPeers.identifiers().stream()
            .map(identifier -> ProxyServer.BASE + "/1k?identifier=" + identifier)
            .toList();
    Wrk wrk = Wrk.asking(folder, "flame", Files.readString(folder.resolve("token")), targets);
    bench.say("warming up");
    wrk.round(sandpool, bench.pick(5, 40));
    Path recording = folder.resolve("flame.jfr");
    tell(
        sandpool,
        "JFR.start",
        "name=flame",
        "jdk.CPUTimeSample#enabled=true",
        "jdk.CPUTimeSample#throttle=1ms");
    wrk.round(sandpool, bench.pick(3, 20));
    tell(sandpool, "JFR.stop", "name=flame", "filename=" + recording);
    FlameGraph graph = FlameGraph.read(recording, "eventloop");
    if (graph.samples() == 0) {
      throw new IllegalStateException("nothing was sampled in " + recording);
    }
    if (!bench.quick()) {
      Files.writeString(
          bench.root().resolve(PICTURE),
          graph.svg(
              "An event loop that forwards requests: %,d samples of processor time"
                  .formatted(graph.samples())));
    }
    List<Figure> figures = new ArrayList<>();
    figures.add(Figure.plain("samples of the event loop", Figure.number(graph.samples())));
    graph
        .shares()
        .forEach(
            (owner, share) ->
                figures.add(
                    Figure.plain(
                        "share of " + owner, String.format(Locale.ROOT, "%.0f %%", 100 * share))));
    return figures;
  }

  private static void tell(Proxy proxy, String... words) throws java.io.IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString());
    command.add(Long.toString(proxy.process().pid()));
    command.addAll(List.of(words));
    Child.run(Map.of(), command);
  }
}
