package dev.sandpool.bench;

import dev.sandpool.server.gateway.TokenCheck;
import dev.sandpool.server.identity.Identity;
import dev.sandpool.server.role.Roles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.regex.Pattern;
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

  /** So many requests with one token, then so many with others. */
  private static final int TURN = 100;

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
    *p99* is of requests through the gateway in this JVM, one after the other over one connection: in every round each \
    hundred requests with one token are followed by a hundred with others of all of them, so that both meet the same machine; \
    the quotient is that of each round, its median and range. *Share* divides the look-up among all tokens by the median of \
    those requests.\
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
            .include(Pattern.quote(KnownTokenLookup.class.getName() + "."))
            .param("many", Integer.toString(many))
            .forks(1)
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
        for (int i = 0; i < bench.pick(2, 10); i++) {
          List<Double> one = new ArrayList<>();
          List<Double> all = new ArrayList<>();
          for (int from = 0; from < tokens.size(); from += TURN) {
            List<String> turn = tokens.subList(from, Math.min(from + TURN, tokens.size()));
            send(caller, Collections.nCopies(turn.size(), tokens.getFirst()), one);
            send(caller, turn, all);
          }
          if (i >= bench.pick(1, 2)) {
            add(requests, Samples.of(one), Samples.of(all));
          }
        }
      }
    }
    return requests;
  }

  private static void send(LocalCaller caller, List<String> tokens, List<Double> micros)
      throws IOException {
    for (String token : tokens) {
      byte[] request =
          LocalGateway.request("known-identifier", token).getBytes(StandardCharsets.US_ASCII);
      long begin = System.nanoTime();
      caller.exchange(request);
      micros.add((System.nanoTime() - begin) / 1e3);
    }
  }

  private static void add(Series requests, Samples one, Samples all) {
    requests.add("all, p50", all.median());
    requests.add("one, p99", one.percentile(0.99));
    requests.add("all, p99", all.percentile(0.99));
    requests.add("p99, times", all.percentile(0.99) / one.percentile(0.99));
  }

  private static List<Figure> figures(
      int many, Samples first, double one, double all, Series requests) {
    Samples times = requests.of("p99, times");
    return List.of(
        Figure.atMost("verifying a token first seen, p50", first.median(), FIRST_SEEN, " ms"),
        Figure.plain("the same, p99", Figure.number(first.percentile(0.99)) + " ms"),
        Figure.atMost("looking up the one known", one, KNOWN, " us"),
        Figure.atMost("looking up one of " + many, all, KNOWN, " us"),
        Figure.plain(
            "its share of a request",
            Figure.number(100 * all / requests.of("all, p50").median()) + " %"),
        Figure.atMost(
            "p99 of requests with " + many + " tokens / with one", times.median(), MANY, " times"),
        Figure.plain("the same, by round", times.withRange() + " times"),
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
