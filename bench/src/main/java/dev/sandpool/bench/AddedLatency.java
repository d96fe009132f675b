package dev.sandpool.bench;

import dev.sandpool.bench.Proxies.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** How much later an answer comes through a proxy that has half as much to do as it can. */
final class AddedLatency implements Scenario {
  private static final int CONNECTIONS = 32;
  private static final String TARGET = ProxyServer.BASE + "/1k?identifier=bench-000001";

  @Override
  public String name() {
    return "latency";
  }

  @Override
  public String title() {
    return "Latency that is added at half load";
  }

  @Override
  public String method() {
    return """
    Answers of 1 KiB over %d kept-alive connections, at fixed times, timed from when each was due, by a caller that \
    never sleeps and so has a core to itself; proxies and backend share the other. Half load is half of the requests \
    per processor second of Sandpool, measured at the beginning; the same number goes to the backend directly, through \
    Sandpool and through nginx, configured as for the same work. Rounds are interleaved; *added* is the median of the \
    rounds' percentiles less that of the direct ones.\
    """
        .formatted(CONNECTIONS);
  }

  @Override
  public boolean onServer() {
    return false;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    Path folder = bench.folder("latency");
    Proxy backend = Proxies.fileBackend(bench, Map.of("1k", 1024));
    var peers = new SessionPeers(bench, folder, backend.port(), false);
    Proxy sandpool = peers.sandpool();
    Proxy nginx = peers.nginx();
    String token = Files.readString(folder.resolve("token"));
    Wrk wrk = Wrk.asking(folder, "latency", token, List.of(TARGET));
    bench.say("warming up");
    wrk.round(sandpool, bench.pick(5, 40));
    int half = (int) (wrk.round(sandpool, bench.pick(2, 8)).perCpuSecond() / 2);
    bench.say("half load is %d per second".formatted(half));
    byte[] request =
        ("GET "
                + TARGET
                + " HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer "
                + token
                + "\r\n\r\n")
            .getBytes(StandardCharsets.US_ASCII);
    Map<String, Integer> ports = new LinkedHashMap<>();
    ports.put("direct", backend.port());
    ports.put("sandpool", sandpool.port());
    ports.put("nginx", nginx.port());
    var medians = new Series();
    var tails = new Series();
    for (int i = 0; i < bench.pick(1, 4); i++) {
      for (Map.Entry<String, Integer> way : ports.entrySet()) {
        var caller = new PacedCaller(way.getValue(), request, CONNECTIONS, half);
        caller.run(Duration.ofSeconds(1));
        Samples millis = caller.run(Duration.ofSeconds(bench.pick(2, 8)));
        medians.add(way.getKey(), 1000 * millis.median());
        tails.add(way.getKey(), millis.percentile(0.99));
      }
    }
    return figures(medians, tails, half);
  }

  private static List<Figure> figures(Series medians, Series tails, int half) {
    List<Figure> figures = new ArrayList<>();
    figures.add(
        Figure.atMost(
            "added, p50, at " + Figure.number(half) + " a second",
            medians.of("sandpool").median() - medians.of("direct").median(),
            100,
            " us"));
    figures.add(
        Figure.atMost(
            "added, p99", tails.of("sandpool").median() - tails.of("direct").median(), 1, " ms"));
    for (String way : medians.names()) {
      figures.add(
          Figure.plain(
              way + ", p50 in us / p99 in ms",
              medians.of(way).withRange() + " / " + tails.of(way).withRange()));
    }
    return figures;
  }
}
