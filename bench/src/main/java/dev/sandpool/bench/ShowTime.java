package dev.sandpool.bench;

import java.util.ArrayList;
import java.util.List;

/** How long a user waits for the command line. */
final class ShowTime implements Scenario {
  @Override
  public String name() {
    return "command";
  }

  @Override
  public String title() {
    return "Command line";
  }

  @Override
  public String method() {
    return """
    `./sandpool sessionpool show`, from starting the process to its end, after `./sandpool --make-cache`, against the \
    running server on the same machine; two runs before are not counted.""";
  }

  @Override
  public boolean onServer() {
    return true;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    RealServer server = bench.server();
    server.awaitQuiet();
    server.cli("--make-cache");
    List<Double> seconds = new ArrayList<>();
    for (int i = 0; i < 12; i++) {
      long begin = System.nanoTime();
      server.cli(RealServer.showCommand());
      if (i >= 2) {
        seconds.add((System.nanoTime() - begin) / 1e9);
      }
    }
    Samples samples = Samples.of(seconds);
    return List.of(
        Figure.atMost("sessionpool show, median of 10", samples.median(), 0.6, " s"),
        Figure.plain("range", samples.withRange() + " s"));
  }
}
