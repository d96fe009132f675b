package dev.sandpool.bench;

import dev.sandpool.bench.Proxies.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What forwarding a request costs, against proxies that do nothing else. */
final class KnownIdentifier implements Scenario {
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
    came through while all shared the machine. Before, Sandpool's JVM is warmed up for 60 s.\
    """;
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
    Wrk wrk =
        Wrk.asking(
            folder,
            "wrk",
            Files.readString(folder.resolve("token")),
            List.of(ProxyServer.BASE + "/hello?identifier=bench-000001"));
    bench.say("warming up");
    wrk.round(sandpool, bench.pick(8, 62));
    var perCpuSecond = new Series();
    var perSecond = new Series();
    int count = bench.pick(1, 5);
    for (int i = 0; i < count; i++) {
      for (Proxy proxy : proxies) {
        wrk.round(proxy, 1);
        Wrk.Round round = wrk.round(proxy, bench.pick(3, 8));
        perCpuSecond.add(proxy.name(), round.perCpuSecond());
        perSecond.add(proxy.name(), round.perSecond());
        bench.say(
            "round %d of %d, %s: %.0f per processor second"
                .formatted(i + 1, count, proxy.name(), round.perCpuSecond()));
      }
    }
    return figures(perCpuSecond, perSecond);
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
