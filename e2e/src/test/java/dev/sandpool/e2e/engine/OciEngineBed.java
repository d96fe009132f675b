package dev.sandpool.e2e.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.e2e.Leftovers;
import dev.sandpool.model.InstanceId;
import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.oci.OciEngine;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import dev.sandpool.server.network.NetworkConfig;
import dev.sandpool.server.time.Patience;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/** A real engine on a data directory of its own; after each test nothing of it may be left. */
abstract class OciEngineBed {
  private static final String IMAGE = "sha256:" + "2".repeat(64);
  static final Duration SOON = Patience.of(Duration.ofSeconds(20));
  static final int PROCESSES = 64;
  static final long CONSOLE = 64 << 10;
  static final OciEngineConfig.Disk DISK =
      new OciEngineConfig.Disk(32 << 20, 1024, OptionalLong.empty(), 0);

  final InstanceId instance = InstanceId.random(RandomGenerator.getDefault());

  @TempDir(cleanup = CleanupMode.NEVER)
  Path dataDir = Path.of("/nonexistent");

  OciEngine engine = unopened();

  abstract OciEngineConfig.Runtimes runtimes();

  /** The configuration in the end; what a test's runtime has of its own goes in here. */
  OciEngineConfig adapted(OciEngineConfig config) {
    return config;
  }

  // Set before each test; a field that is null between would make every use of it doubtful.
  @SuppressWarnings("NullAway")
  private static OciEngine unopened() {
    return null;
  }

  final OciEngine open(String user) throws Exception {
    return open(user, DISK);
  }

  final OciEngine open(String user, OciEngineConfig.Disk disk) throws Exception {
    return open(user, disk, NetworkConfig.defaults());
  }

  final OciEngine open(String user, OciEngineConfig.Disk disk, NetworkConfig network)
      throws Exception {
    var config =
        OciEngineConfig.of(dataDir, instance)
            .with(runtimes())
            .with(network)
            .with(new OciEngineConfig.Bounds(CONSOLE, PROCESSES, disk));
    return OciEngine.open(adapted(config), new TinyImage(IMAGE, user));
  }

  @BeforeEach
  void openEngine() throws Exception {
    engine = open("root");
  }

  @AfterEach
  void nothingIsLeft() throws Exception {
    engine.reclaim(Set.of());
    engine.leave();
    engine.close();
    assertThat(Leftovers.of(instance, dataDir)).isEmpty();
    Leftovers.delete(dataDir);
  }

  static SandboxSpec running(int slot, NetworkStatus network, String... command) {
    return new SandboxSpec(
        SandboxId.random(RandomGenerator.getDefault()),
        slot,
        IMAGE,
        List.of(command),
        List.of(),
        Map.of(),
        0.5,
        64L << 20,
        8080,
        network);
  }

  static SandboxSpec script(int slot, String script) {
    return running(slot, NetworkStatus.EGRESS_DISABLED, "/app/run", script);
  }

  final String console(SandboxId id) throws IOException {
    try (InputStream in = engine.console(id, false).orElseThrow()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  final String awaitLine(SandboxId id, String text) {
    return await().atMost(SOON).until(() -> console(id), all -> all.contains(text));
  }
}
