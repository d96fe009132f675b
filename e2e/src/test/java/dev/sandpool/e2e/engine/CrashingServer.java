package dev.sandpool.e2e.engine;

import dev.sandpool.model.InstanceId;
import dev.sandpool.model.Isolation;
import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.oci.OciEngine;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/** A process that starts and stops sandboxes until it is killed. */
final class CrashingServer {
  private CrashingServer() {}

  static Process start(Path dataDir, InstanceId instance, OciEngineConfig.Runtimes runtimes)
      throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElseThrow(),
            "--enable-native-access=ALL-UNNAMED",
            "-cp",
            System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
            CrashingServer.class.getName(),
            dataDir.toString(),
            instance.value(),
            runtimes.isolation().name(),
            runtimes.runsc().map(Path::toString).orElse(""))
        .redirectError(ProcessBuilder.Redirect.INHERIT)
        .start();
  }

  /** Never returns by itself. */
  public static void main(String[] args) throws Exception {
    String image = "sha256:" + "2".repeat(64);
    var runtimes =
        new OciEngineConfig.Runtimes(
            Isolation.valueOf(args[2]),
            args[3].isEmpty() ? Optional.empty() : Optional.of(Path.of(args[3])),
            Optional.empty());
    var config = OciEngineConfig.of(Path.of(args[0]), new InstanceId(args[1])).with(runtimes);
    OciEngine engine = OciEngine.open(config, new TinyImage(image, "root"));
    System.out.println("open");
    for (int slot = 0; ; slot++) {
      SandboxId id = SandboxId.random(RandomGenerator.getDefault());
      engine.start(
          new SandboxSpec(
              id,
              slot,
              image,
              List.of("/app/serve"),
              List.of(),
              Map.of(),
              1,
              64L << 20,
              8080,
              NetworkStatus.EGRESS_DISABLED));
      engine.stop(id, Duration.ZERO);
    }
  }
}
