package dev.sandpool.bench;

import dev.sandpool.model.InstanceId;
import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.SandboxStartException;
import dev.sandpool.server.engine.microvm.Emulation;
import dev.sandpool.server.engine.microvm.MicrovmConfig;
import dev.sandpool.server.engine.oci.EngineUnavailableException;
import dev.sandpool.server.engine.oci.OciEngine;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import dev.sandpool.server.engine.oci.RootStore;
import dev.sandpool.server.image.ImageException;
import dev.sandpool.server.image.ImageStore;
import dev.sandpool.server.image.ImageStoreSettings;
import dev.sandpool.server.image.SkopeoImageStore;
import dev.sandpool.server.image.StoredImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** The engine with virtual machines of the sample application. */
final class MachineBed implements AutoCloseable {
  private static final int PORT = 8080;
  private static final int SLOTS = 2000;

  private final InstanceId instance;
  private final OciEngine engine;
  private final StoredImage image;
  private final AtomicInteger slots = new AtomicInteger();

  /** One that answers, and how long it took from its start to that. */
  record Answering(SandboxSpec spec, RunningSandbox sandbox, double millis) {}

  private MachineBed(InstanceId instance, OciEngine engine, StoredImage image) {
    this.instance = instance;
    this.engine = engine;
    this.image = image;
  }

  static MachineBed open(Bench bench)
      throws IOException, ImageException, EngineUnavailableException {
    Path guest = bench.root().resolve(".build/microvm");
    if (!Files.exists(guest.resolve("initramfs"))) {
      throw new IOException("images/microvm/build has not been run: " + guest + " is not there");
    }
    Path data = bench.folder("machines");
    var instance = InstanceId.random(new SecureRandom());
    RootStore roots =
        RootStore.open(
            data.resolve("roots"),
            data.resolve("images/tmp"),
            instance,
            new RootStore.Settings(1L << 30, 100_000, 0, 0x7012_0000, Duration.ofMinutes(30)));
    var images = new SkopeoImageStore(ImageStoreSettings.defaults(data.resolve("images")), roots);
    StoredImage image =
        images.importArchive(bench.sample(), "sample:1", ImageStore.Progress.none());
    var config =
        OciEngineConfig.of(data, instance)
            .with(OciEngineConfig.Runtimes.container())
            .with(
                new MicrovmConfig(
                    Optional.of(guest.resolve("vmlinuz")),
                    Optional.of(guest.resolve("initramfs")),
                    Emulation.ALLOWED));
    OciEngine engine = OciEngine.open(config, roots);
    bench.cleanup().add(roots::unmount);
    var bed = new MachineBed(instance, engine, image);
    bench.cleanup().add(bed);
    return bed;
  }

  String runtime() {
    return engine.info().runtime();
  }

  /**
   * Starts one.
   *
   * @param snapshot of what it may begin as a clone; null: it boots
   */
  Answering start(@Nullable String snapshot) throws IOException, SandboxStartException {
    var plain =
        new SandboxSpec(
            SandboxId.random(new SecureRandom()),
            slots.getAndIncrement() % SLOTS,
            image.digest(),
            List.of(),
            List.of(),
            Map.of(),
            1,
            128 << 20,
            PORT,
            NetworkStatus.EGRESS_DISABLED);
    SandboxSpec spec = snapshot == null ? plain : plain.withSnapshot(snapshot);
    long begin = System.nanoTime();
    RunningSandbox sandbox = engine.start(spec);
    FirstAnswer.await(sandbox.address(), PORT);
    return new Answering(spec, sandbox, (System.nanoTime() - begin) / 1e6);
  }

  /** Makes a snapshot of one that answers. */
  void settle(Answering machine) throws IOException, SandboxStartException {
    engine.settled(machine.spec());
    FirstAnswer.await(machine.sandbox().address(), PORT);
  }

  void stop(Answering machine) throws Exception {
    engine.stop(machine.spec().id(), Duration.ZERO);
  }

  /** Milliseconds of one request to it. */
  static double request(String address) throws IOException {
    HttpCall call = HttpCall.of("GET", address, PORT, "/health");
    long begin = System.nanoTime();
    call.send(Duration.ofSeconds(1), Duration.ofSeconds(10)).ok();
    return (System.nanoTime() - begin) / 1e6;
  }

  /** Memory of a machine's monitor in MB, each page divided among those who share it. */
  double share(Answering machine) throws IOException {
    String name = instance.nameOf(machine.spec().id());
    for (ProcessHandle process : ProcessHandle.allProcesses().toList()) {
      Path proc = Path.of("/proc/" + process.pid());
      try {
        if (Files.readString(proc.resolve("comm")).startsWith("qemu-system")
            && Files.readString(proc.resolve("cgroup")).contains(name)) {
          return Memory.share(process.pid());
        }
      } catch (IOException e) {
        // It has just ended, and is not the one that is asked for.
      }
    }
    throw new IOException("no monitor of " + name);
  }

  @Override
  public void close() throws IOException {
    engine.reclaim(Set.of());
    engine.leave();
    engine.close();
  }
}
