package dev.sandpool.e2e.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.e2e.Leftovers;
import dev.sandpool.model.InstanceId;
import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.engine.SandboxEngine;
import dev.sandpool.server.engine.SandboxEngineContract;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.SimulatedEngine;
import dev.sandpool.server.engine.oci.OciEngine;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** The contract kit on the real engine; afterwards nothing of it may be left on the host. */
abstract class OciEngineContract extends SandboxEngineContract {
  private final InstanceId instance = InstanceId.random(RandomGenerator.getDefault());

  @TempDir(cleanup = CleanupMode.NEVER)
  Path dataDir = Path.of("/nonexistent");

  abstract OciEngineConfig.Runtimes runtimes();

  OciEngineConfig config() {
    return OciEngineConfig.of(dataDir, instance).with(runtimes());
  }

  /** Where the engine keeps what belongs to one sandbox. */
  final Path folderOf(SandboxSpec spec) {
    return dataDir.resolve("sandboxes").resolve(instance.nameOf(spec.id()));
  }

  @Override
  protected SandboxEngine open() throws Exception {
    return OciEngine.open(config(), new TinyImage(IMAGE, "root"));
  }

  @Override
  protected void end(RunningSandbox sandbox, int exitCode) throws Exception {
    var url = URI.create("http://" + sandbox.address() + ":8080/cgi-bin/end");
    try (HttpClient client = HttpClient.newHttpClient()) {
      await().atMost(SOON).until(() -> answers(client, url) || !engine.running().contains(sandbox));
    }
  }

  /** Whether it answered; one that ends before its answer is out has ended all the same. */
  private static boolean answers(HttpClient client, URI url) throws InterruptedException {
    try {
      var request = HttpRequest.newBuilder(url).build();
      return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
    } catch (IOException e) {
      return false;
    }
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    // Else it would put back the rules that the next one removes.
    engine.close();
    engine = new SimulatedEngine();
    try (OciEngine engine = OciEngine.open(config(), new TinyImage(IMAGE, "root"))) {
      engine.reclaim(Set.of());
      engine.leave();
    }
    assertThat(Leftovers.of(instance, dataDir)).isEmpty();
    Leftovers.delete(dataDir);
  }
}
