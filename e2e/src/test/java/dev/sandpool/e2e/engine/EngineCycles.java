package dev.sandpool.e2e.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.e2e.HostCensus;
import dev.sandpool.e2e.Leftovers;
import dev.sandpool.model.InstanceId;
import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.oci.OciEngine;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.CleanupMode;
import org.junit.jupiter.api.io.TempDir;

/**
 * Sandboxes created and destroyed by the thousand leave host and engine as they were. The number is
 * {@code -Dsandpool.cycles}.
 */
abstract class EngineCycles {
  private static final String IMAGE = "sha256:" + "2".repeat(64);
  private static final int WARM_UP = 10;
  private static final int WIDTH = 3;

  /** Threads that the JVM adds and takes away as it likes: carriers, compilers, collectors. */
  private static final int JVM_THREADS = 8;

  private static final int JVM_DESCRIPTORS = 5;
  private static final long HEAP_NOISE = 4 << 20;

  private final InstanceId instance = InstanceId.random(RandomGenerator.getDefault());

  @TempDir(cleanup = CleanupMode.NEVER)
  Path dataDir = Path.of("/nonexistent");

  abstract OciEngineConfig.Runtimes runtimes();

  /** How many where nobody asks for a number. */
  abstract int few();

  /** How many in the long form. */
  int many() {
    return 10_000;
  }

  /** The configuration in the end; what a test's engine has of its own goes in here. */
  OciEngineConfig adapted(OciEngineConfig config) {
    return config;
  }

  /** Starts one, in the way that is under test. */
  void begin(OciEngine engine, SandboxSpec spec) throws Exception {
    engine.start(spec);
  }

  @Test
  void manySandboxesLaterEverythingIsWhereItWas() throws Exception {
    boolean soak = Boolean.getBoolean("sandpool.soak");
    int cycles = Integer.getInteger("sandpool.cycles", soak ? many() : few());
    OciEngineConfig config = adapted(OciEngineConfig.of(dataDir, instance).with(runtimes()));
    try (OciEngine engine = OciEngine.open(config, new TinyImage(IMAGE, "root"))) {
      try {
        compare(engine, cycles);
      } finally {
        engine.reclaim(Set.of());
        engine.leave();
      }
    }
    assertThat(Leftovers.of(instance, dataDir)).isEmpty();
    Leftovers.delete(dataDir);
  }

  private void compare(OciEngine engine, int cycles) throws Exception {
    run(engine, WARM_UP);
    HostCensus before = census();
    long begin = System.nanoTime();
    run(engine, cycles);
    Duration took = Duration.ofNanos(System.nanoTime() - begin);
    await("the kernel has taken everything down")
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(census().named()).isEqualTo(before.named()));
    HostCensus after = census();
    System.out.printf(
        "%s: %d cycles in %d s%n  before: %s%n  after:  %s%n",
        engine.info().runtime(), cycles, took.toSeconds(), before, after);
    assertThat(after.descriptors()).isLessThanOrEqualTo(before.descriptors() + JVM_DESCRIPTORS);
    assertThat(after.threads()).isLessThanOrEqualTo(before.threads() + JVM_THREADS);
    assertThat(after.heapBytes()).isLessThan(before.heapBytes() + HEAP_NOISE);
  }

  /** Its name on this host. */
  final String nameOf(SandboxSpec spec) {
    return instance.nameOf(spec.id());
  }

  private HostCensus census() throws IOException, InterruptedException {
    return HostCensus.take(instance, dataDir, ProcessHandle.current().pid());
  }

  private void run(OciEngine engine, int cycles) throws Exception {
    var next = new AtomicInteger();
    List<Future<Boolean>> lanes = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int lane = 0; lane < WIDTH; lane++) {
        int slot = lane;
        lanes.add(threads.submit((Callable<Boolean>) () -> lane(engine, next, cycles, slot)));
      }
      for (Future<Boolean> lane : lanes) {
        lane.get();
      }
    }
  }

  /** Every second one is stopped while it may still be coming up, the others as a stop asks. */
  private boolean lane(OciEngine engine, AtomicInteger next, int cycles, int slot)
      throws Exception {
    for (int cycle = next.getAndIncrement(); cycle < cycles; cycle = next.getAndIncrement()) {
      SandboxSpec spec = spec(slot);
      begin(engine, spec);
      engine.stop(spec.id(), cycle % 2 == 0 ? Duration.ZERO : Duration.ofMillis(50));
      if (cycle % 500 == 499) {
        System.out.println("cycle " + (cycle + 1) + " of " + cycles);
      }
    }
    return true;
  }

  private static SandboxSpec spec(int slot) {
    return new SandboxSpec(
        SandboxId.random(RandomGenerator.getDefault()),
        slot,
        IMAGE,
        List.of("/app/serve"),
        List.of(),
        Map.of(),
        0.5,
        64L << 20,
        8080,
        NetworkStatus.EGRESS_DISABLED);
  }
}
