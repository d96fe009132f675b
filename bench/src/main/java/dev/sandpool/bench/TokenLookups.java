package dev.sandpool.bench;

import dev.sandpool.server.gateway.TokenCheck;
import dev.sandpool.server.identity.Identity;
import dev.sandpool.server.role.Roles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.Options;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.VerboseMode;

/** What a caller's token costs: when it is new, when it is known, and when very many are. */
final class TokenLookups implements Scenario {
  private static final double FIRST_SEEN = 1;
  private static final double KNOWN = 1;
  private static final double MANY = 1.2;

  @Override
  public String name() {
    return "tokens";
  }

  @Override
  public String title() {
    return "Tokens: first seen, known, and ten thousand of them";
  }

  @Override
  public String method() {
    return """
    Tokens of the built-in authority, each another one. *First seen* times the verification of each alone. *Known* is by JMH \
    (`KnownTokenLookup`): it asks at random for tokens that were verified before, each time as text of its own, made just \
    before as it comes off the wire, whose hash nobody has computed yet, with the rights of its caller; the median of \
    iterations. \
    *p99* is of requests through the gateway in this JVM, one after the other over one connection: rounds with one \
    token and rounds that go through all of them are interleaved. *Share* divides the look-up among all tokens by the \
    median of those requests.\
    """;
  }

  @Override
  public boolean onServer() {
    return false;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    Identity identity = ProxyServer.identity(bench.folder("tokens"));
    try (var roles = new Roles(List::of)) {
      var check = new ProxyServer.Tokens(identity.verifier(), roles);
      List<String> tokens = KnownTokenLookup.issue(identity, bench.pick(500, 10_000));
      bench.say("verifying %d tokens".formatted(tokens.size()));
      Samples first = firstSeen(check, tokens);
      bench.say("looking up");
      double one = lookUp(bench, 1);
      double all = lookUp(bench, tokens.size());
      bench.say("sending requests");
      var requests = requests(bench, check, tokens);
      return figures(tokens.size(), first, one, all, requests);
    }
  }

  private static Samples firstSeen(TokenCheck check, List<String> tokens) {
    List<Double> millis = new ArrayList<>();
    for (String token : tokens) {
      long begin = System.nanoTime();
      TokenCheck.Verdict verdict = check.verify(token);
      millis.add((System.nanoTime() - begin) / 1e6);
      KnownTokenLookup.require(verdict);
    }
    return Samples.of(millis.subList(tokens.size() / 5, tokens.size()));
  }

  /** Microseconds for one of so many, by JMH in processes of its own. */
  private static double lookUp(Bench bench, int many) throws RunnerException {
    Options options =
        new OptionsBuilder()
            .include(KnownTokenLookup.class.getName() + "$")
            .param("many", Integer.toString(many))
            .forks(bench.pick(1, 2))
            .warmupIterations(bench.pick(1, 4))
            .measurementIterations(bench.pick(2, 6))
            .jvmArgsAppend("-DSANDPOOL_LOG=WARN")
            .verbosity(VerboseMode.SILENT)
            .shouldFailOnError(true)
            .build();
    return new Runner(options).runSingle().getPrimaryResult().getStatistics().getPercentile(50);
  }

  private static Series requests(Bench bench, TokenCheck check, List<String> tokens)
      throws Exception {
    var requests = new Series();
    int backend = Proxies.backend(bench).port();
    TokenCheck everybody = new Everybody(check);
    try (var gateway = new LocalGateway(bench, backend, 2, 1, everybody)) {
      gateway.server().awaitReady(2);
      try (var caller = new LocalCaller(gateway.port())) {
        for (int i = 0; i < bench.pick(2, 8); i++) {
          boolean warm = i < bench.pick(1, 2);
          Samples one = round(caller, tokens.subList(0, 1), tokens.size());
          Samples all = round(caller, tokens, tokens.size());
          if (!warm) {
            requests.add("one, p50", one.median());
            requests.add("one, p99", one.percentile(0.99));
            requests.add("all, p50", all.median());
            requests.add("all, p99", all.percentile(0.99));
          }
        }
      }
    }
    return requests;
  }

  private static Samples round(LocalCaller caller, List<String> tokens, int many)
      throws IOException {
    List<Double> micros = new ArrayList<>();
    for (int i = 0; i < many; i++) {
      String token = tokens.get(i % tokens.size());
      byte[] request =
          LocalGateway.request("known-identifier", token).getBytes(StandardCharsets.US_ASCII);
      long begin = System.nanoTime();
      caller.exchange(request);
      micros.add((System.nanoTime() - begin) / 1e3);
    }
    return Samples.of(micros);
  }

  private static List<Figure> figures(
      int many, Samples first, double one, double all, Series requests) {
    double ratio = requests.of("all, p99").median() / requests.of("one, p99").median();
    return List.of(
        Figure.atMost("verifying a token first seen, p50", first.median(), FIRST_SEEN, " ms"),
        Figure.plain("the same, p99", Figure.number(first.percentile(0.99)) + " ms"),
        Figure.atMost("looking up the one known", one, KNOWN, " us"),
        Figure.atMost("looking up one of " + many, all, KNOWN, " us"),
        Figure.plain(
            "its share of a request",
            Figure.number(100 * all / requests.of("all, p50").median()) + " %"),
        Figure.atMost("p99 of requests with " + many + " tokens / with one", ratio, MANY, " times"),
        Figure.plain("p99 with one", requests.of("one, p99").withRange() + " us"),
        Figure.plain("p99 with all", requests.of("all, p99").withRange() + " us"));
  }

  /** Tells who it is as the server does, and lets all of them in, who have no roles. */
  private record Everybody(TokenCheck check) implements TokenCheck {
    @Override
    public Verdict known(String token) {
      return admitted(check.known(token));
    }

    @Override
    public Verdict verify(String token) {
      return admitted(check.verify(token));
    }

    private static Verdict admitted(Verdict verdict) {
      return verdict instanceof Accepted accepted
          ? new Accepted(
              accepted.principal(), accepted.caller(), dev.sandpool.server.role.Rights.ALL)
          : verdict;
    }
  }
}
