package dev.sandpool.server.engine;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;

/** The simulated engine keeps the contract, so tests against it mean something. */
class SimulatedEngineTest extends SandboxEngineContract {
  private final SimulatedHost host =
      new SimulatedHost()
          .image(List.of("/app/print"), List.of("from-image"), Map.of("GREETING", "image"))
          .images(Set.of(IMAGE))
          .serveWith(
              exchange -> {
                exchange.sendResponseHeaders(200, -1);
                exchange.close();
              });

  @Override
  protected SandboxEngine open() {
    return new SimulatedEngine(host);
  }

  @Override
  protected void end(RunningSandbox sandbox, int exitCode) {
    host.exit(sandbox.id(), exitCode, false);
  }

  @AfterEach
  void unplug() {
    host.close();
  }
}
