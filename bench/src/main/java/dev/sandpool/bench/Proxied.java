package dev.sandpool.bench;

import dev.sandpool.bench.Proxies.Proxy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** What a forwarded request costs, against proxies that are configured for the same work. */
final class Proxied implements Scenario {
  private static final String CONFIGURABLE = "configurable-http-proxy";
  private static final Map<String, Integer> ANSWERS = Map.of("1k", 1024, "64k", 65_536);

  private final boolean tls;

  Proxied(boolean tls) {
    this.tls = tls;
  }

  @Override
  public String name() {
    return tls ? "proxied-tls" : "proxied";
  }

  @Override
  public String title() {
    return "The same work as other proxies" + (tls ? ", over TLS" : "");
  }

  @Override
  public String method() {
    if (tls) {
      return """
      As without TLS, with a certificate of an elliptic curve (P-256) on the side of the callers: `ssl` with \
      `ssl_certificate` and `ssl_certificate_key`, `ssl crt`, `--ssl-cert` and `--ssl-key`. Callers keep their \
      connections, so handshakes do not count.\
      """;
    }
    return """
    `wrk -t1 -c32` asks %d sessions in turn, over kept-alive connections and with a bearer token of about 600 bytes; each \
    session has a backend of its own, which all are one nginx that answers from files of 1 KiB and 64 KiB. Every proxy \
    has one worker, event loop or thread, finds the backend by the argument `identifier` (configurable-http-proxy, which \
    routes by path alone, by the path), gives each request an id, sets `X-Forwarded-*`, takes the token away and writes \
    an access log of JSON (configurable-http-proxy writes none). Sandpool checks the token besides. Rounds are \
    interleaved, figures are medians; *per processor second* divides by user and system time of all threads of the \
    proxy's processes. Before, Sandpool's JVM is warmed up.

    nginx, in its http block:

    ```
    %s```

    haproxy:

    ```
    %s```\
    """
        .formatted(SessionPeers.SESSIONS, SessionPeers.NGINX, SessionPeers.HAPROXY);
  }

  @Override
  public boolean onServer() {
    return false;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    Path folder = bench.folder("proxied");
    if (tls) {
      SessionPeers.writeCertificate(folder);
    }
    int backend = Proxies.fileBackend(bench, ANSWERS).port();
    var peers = new SessionPeers(bench, folder, backend, tls);
    Proxy sandpool = peers.sandpool();
    List<Proxy> proxies = List.of(peers.nginx(), peers.haproxy(), peers.configurable(), sandpool);
    bench.say("warming up");
    asking(folder, sandpool, "1k").round(sandpool, bench.pick(5, 35));
    asking(folder, sandpool, "64k").round(sandpool, bench.pick(2, 10));
    List<Figure> figures = new ArrayList<>();
    for (String answer : List.of("1k", "64k")) {
      var perCpuSecond = new Series();
      var perSecond = new Series();
      for (int i = 0; i < bench.pick(1, 3); i++) {
        for (Proxy proxy : proxies) {
          Wrk wrk = asking(folder, proxy, answer);
          wrk.round(proxy, 1);
          Wrk.Round round = wrk.round(proxy, bench.pick(1, 4));
          perCpuSecond.add(proxy.name(), round.perCpuSecond());
          perSecond.add(proxy.name(), round.perSecond());
        }
      }
      figures.addAll(figures(answer.replace("k", " KiB"), perCpuSecond, perSecond));
    }
    return figures;
  }

  private static Wrk asking(Path folder, Proxy proxy, String answer) throws IOException {
    boolean byPath = proxy.name().equals(CONFIGURABLE);
    List<String> targets =
        SessionPeers.identifiers().stream()
            .map(
                identifier ->
                    (byPath ? "/" + identifier : ProxyServer.BASE)
                        + "/"
                        + answer
                        + "?identifier="
                        + identifier)
            .toList();
    Path script = folder.resolve(proxy.name() + answer + ".lua");
    Files.deleteIfExists(script);
    return Wrk.asking(
        folder, proxy.name() + answer, Files.readString(folder.resolve("token")), targets);
  }

  private static List<Figure> figures(String answer, Series perCpuSecond, Series perSecond) {
    List<Figure> figures = new ArrayList<>();
    double sandpool = perCpuSecond.of("sandpool").median();
    Map<String, Double> targets = Map.of("nginx", 0.7, "haproxy", 0.7, CONFIGURABLE, 8.0);
    for (String peer : List.of("nginx", "haproxy", CONFIGURABLE)) {
      figures.add(
          Figure.atLeast(
              answer + ", requests per processor second, of " + peer + "'s",
              sandpool / perCpuSecond.of(peer).median(),
              targets.getOrDefault(peer, 0.7),
              ""));
    }
    for (String name : perCpuSecond.names()) {
      figures.add(
          Figure.plain(
              answer + ", " + name + ", per processor second / per second",
              perCpuSecond.of(name).withRange() + " / " + perSecond.of(name).withRange()));
    }
    return figures;
  }
}
