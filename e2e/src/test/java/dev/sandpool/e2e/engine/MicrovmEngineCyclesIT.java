package dev.sandpool.e2e.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.oci.OciEngine;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** Cycles of virtual machines: the first is a pattern, all others are its clones. */
class MicrovmEngineCyclesIT extends EngineCycles {
  private final AtomicBoolean settled = new AtomicBoolean();

  @Override
  OciEngineConfig.Runtimes runtimes() {
    return OciEngineConfig.Runtimes.container();
  }

  @Override
  OciEngineConfig adapted(OciEngineConfig config) {
    return config.with(MicrovmGuest.emulated());
  }

  @Override
  int few() {
    return 12;
  }

  @Override
  int many() {
    return 500;
  }

  @Override
  void begin(OciEngine engine, SandboxSpec spec) throws Exception {
    SandboxSpec cloned = spec.withSnapshot("cycles");
    RunningSandbox running = engine.start(cloned);
    if (settled.compareAndSet(false, true)) {
      await().atMost(Duration.ofMinutes(2)).until(() -> FirstAnswer.of(running));
      engine.settled(cloned);
    }
    assertThat(dataDir.resolve("sandboxes").resolve(nameOf(spec)).resolve("snapshot")).exists();
  }
}
