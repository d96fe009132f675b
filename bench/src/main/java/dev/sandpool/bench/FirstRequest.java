package dev.sandpool.bench;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** What a caller with a new identifier waits longer than one who knows the sandbox's address. */
final class FirstRequest implements Scenario {
  private static final String PATH = "/health";

  @Override
  public String name() {
    return "first-request";
  }

  @Override
  public String title() {
    return "First request of a new identifier";
  }

  @Override
  public String method() {
    return """
    `GET /health` of the sample application, each time on a new connection, from before connecting to the last byte of \
    the answer; one at a time on a quiet pool. Each sandbox is asked twice: by the server for a new identifier, and \
    directly at its address, and who asks first alternates, because the first request that a sandbox ever gets takes \
    its application longer. *Both first* compares medians of requests that were the sandbox's first, *both second* of \
    those that were its second; *as it comes* is what a caller notices: the new identifier's first request, which is \
    the sandbox's first as well, against a direct one to the same sandbox after it.""";
  }

  @Override
  public boolean onServer() {
    return true;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    RealServer server = bench.server();
    List<Double> serverFirst = new ArrayList<>();
    List<Double> serverSecond = new ArrayList<>();
    List<Double> directFirst = new ArrayList<>();
    List<Double> directSecond = new ArrayList<>();
    int pairs = bench.pick(5, 60);
    for (int i = 0; i < pairs; i++) {
      server.awaitQuiet();
      serverFirst.add(byServer(server));
      directSecond.add(direct(server.ledger().lastClaimed()));
      server.awaitQuiet();
      LedgerView.Sandbox next = server.ledger().next();
      directFirst.add(direct(next));
      serverSecond.add(byServer(server));
      if (!server.ledger().lastClaimed().equals(next)) {
        throw new IOException("the claim took another sandbox than the one that was asked before");
      }
      if ((i + 1) % 20 == 0) {
        bench.say("%d of %d sandbox pairs".formatted(i + 1, pairs));
      }
    }
    return figures(
        Samples.of(serverFirst),
        Samples.of(directFirst),
        Samples.of(serverSecond),
        Samples.of(directSecond));
  }

  private static List<Figure> figures(
      Samples serverFirst, Samples directFirst, Samples serverSecond, Samples directSecond) {
    return List.of(
        Figure.atMost(
            "over a direct one, as it comes, p50 of " + serverFirst.count(),
            serverFirst.median() - directSecond.median(),
            3,
            " ms"),
        Figure.atMost(
            "over a direct one, both first, p50",
            serverFirst.median() - directFirst.median(),
            3,
            " ms"),
        Figure.plain(
            "over a direct one, both second, p50",
            Figure.number(serverSecond.median() - directSecond.median()) + " ms"),
        Figure.plain(
            "by the server: first / second, p50",
            "%s / %s ms"
                .formatted(
                    Figure.number(serverFirst.median()), Figure.number(serverSecond.median()))),
        Figure.plain(
            "direct: first / second, p50",
            "%s / %s ms"
                .formatted(
                    Figure.number(directFirst.median()), Figure.number(directSecond.median()))));
  }

  private static double byServer(RealServer server) throws IOException {
    return server.request("GET", PATH, server.newIdentifier()).send().ok().millis();
  }

  private static double direct(LedgerView.Sandbox sandbox) throws IOException {
    return RealServer.direct(sandbox, PATH, "bench-direct").send().ok().millis();
  }
}
