package dev.sandpool.bench;

import dev.sandpool.bench.Proxies.Proxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What forwarding a request costs, against proxies that do nothing else. */
final class KnownIdentifier implements Scenario {
  private static final int CONNECTIONS = 32;

  /** What one round of one proxy gave. */
  private record Round(double perCpuSecond, double perSecond) {}

  /** What wrk counted. */
  private record Load(long requests, double seconds, long errors) {}

  @Override
  public String name() {
    return "known-identifier";
  }

  @Override
  public String title() {
    return "Known identifier against plain proxies";
  }

  @Override
  public String method() {
    return """
    `wrk -t1 -c32` sends the same request (session path, identifier, bearer token of about 600 bytes) over kept-alive \
    connections to each proxy in turn; behind all of them is one nginx that answers 14 bytes, over kept-alive \
    connections. Each proxy has one worker or event loop and writes no access log; nginx and haproxy look at nothing, \
    Sandpool checks token, pool and identifier and rewrites the headers. Rounds are interleaved, figures are medians. \
    *Per processor second* divides by user and system time of all threads of the proxy's processes (garbage collector \
    and compiler included), so that load generator and backend on the same cores matter little; *per second* is what \
    came through while all shared the machine. Before, Sandpool's JVM is warmed up for 60 s.""";
  }

  @Override
  public boolean onServer() {
    return false;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    Path folder = bench.folder("sandpool");
    int backend = Proxies.backend(bench).port();
    Proxy sandpool = Proxies.sandpool(bench, folder, backend);
    List<Proxy> proxies =
        List.of(Proxies.nginx(bench, backend), Proxies.haproxy(bench, backend), sandpool);
    Path script = script(folder);
    bench.say("warming up");
    round(sandpool, script, bench.pick(8, 62));
    var perCpuSecond = new Series();
    var perSecond = new Series();
    int count = bench.pick(1, 5);
    for (int i = 0; i < count; i++) {
      for (Proxy proxy : proxies) {
        round(proxy, script, 1);
        Round round = round(proxy, script, bench.pick(3, 8));
        perCpuSecond.add(proxy.name(), round.perCpuSecond());
        perSecond.add(proxy.name(), round.perSecond());
        bench.say(
            "round %d of %d, %s: %.0f per processor second"
                .formatted(i + 1, count, proxy.name(), round.perCpuSecond()));
      }
    }
    return figures(perCpuSecond, perSecond);
  }

  /** The token in a file: arguments of processes can be read by everybody. */
  private static Path script(Path folder) throws IOException {
    String token = Files.readString(folder.resolve("token"));
    Path script = folder.resolve("wrk.lua");
    Bench.writePrivate(
        script,
        """
        wrk.headers["Authorization"] = "Bearer %s"
        done = function(summary, latency, requests)
          local e = summary.errors
          local errors = e.connect + e.read + e.write + e.status + e.timeout
          io.write(string.format("result %%d %%d %%d\\n", summary.requests, summary.duration, errors))
        end
        """
            .formatted(token));
    return script;
  }

  private static Round round(Proxy proxy, Path script, int seconds) throws IOException {
    long[] processes = proxy.process().family();
    double before = Cpu.seconds(processes);
    Load load = load(proxy, script, seconds);
    double cpu = Cpu.seconds(processes) - before;
    if (load.errors() > 0) {
      throw new IOException("%d errors through %s".formatted(load.errors(), proxy.name()));
    }
    return new Round(load.requests() / cpu, load.requests() / load.seconds());
  }

  private static Load load(Proxy proxy, Path script, int seconds) throws IOException {
    String url =
        "http://127.0.0.1:" + proxy.port() + ProxyServer.BASE + "/hello?identifier=bench-000001";
    String output =
        Child.run(
            Map.of(),
            List.of(
                "wrk",
                "-t1",
                "-c" + CONNECTIONS,
                "-d" + seconds + "s",
                "-s",
                script.toString(),
                url));
    String[] result =
        output
            .lines()
            .filter(line -> line.startsWith("result "))
            .findFirst()
            .orElseThrow(() -> new IOException("wrk said nothing: " + output))
            .split(" ");
    return new Load(
        Long.parseLong(result[1]), Long.parseLong(result[2]) / 1e6, Long.parseLong(result[3]));
  }

  private static List<Figure> figures(Series perCpuSecond, Series perSecond) {
    List<Figure> figures = new ArrayList<>();
    double sandpool = perCpuSecond.of("sandpool").median();
    figures.add(
        Figure.atLeast(
            "requests per processor second, of nginx's",
            sandpool / perCpuSecond.of("nginx").median(),
            0.6,
            ""));
    figures.add(
        Figure.plain(
            "requests per processor second, of haproxy's",
            Figure.number(sandpool / perCpuSecond.of("haproxy").median())));
    for (String name : perCpuSecond.names()) {
      figures.add(
          Figure.plain(
              name + ", per processor second / per second",
              perCpuSecond.of(name).withRange() + " / " + perSecond.of(name).withRange()));
    }
    return figures;
  }
}
