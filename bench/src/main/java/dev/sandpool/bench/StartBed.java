package dev.sandpool.bench;

import dev.sandpool.model.InstanceId;
import dev.sandpool.model.Isolation;
import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.SandboxStopException;
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

/** The engine on one runtime, and beside it that runtime alone, with the same bundle. */
final class StartBed implements AutoCloseable {
  static final int WIDTH = 4;
  static final int PORT = 8080;

  /** The bare runtime's slots are apart from the engine's. */
  private static final int BARE_SLOTS = 1000;

  private final OciEngine engine;
  private final StoredImage image;
  private final BareRuntime bare;
  private final Lanes engineLanes = Lanes.plain(WIDTH);
  private final Lanes bareLanes;
  private final AtomicInteger slots = new AtomicInteger();

  /** What one round gave. */
  record Round(double perSecond, List<Double> answerMillis) {}

  private StartBed(OciEngine engine, StoredImage image, BareRuntime bare) {
    this.engine = engine;
    this.image = image;
    this.bare = bare;
    this.bareLanes =
        engine.info().isolation() == Isolation.GVISOR
            ? Lanes.hidingNetworkSettings(WIDTH)
            : Lanes.plain(WIDTH);
  }

  static StartBed open(Bench bench, Isolation isolation)
      throws IOException, ImageException, EngineUnavailableException {
    Path data = bench.folder("engine");
    var instance = InstanceId.random(new SecureRandom());
    RootStore roots = roots(data, instance);
    var images = new SkopeoImageStore(ImageStoreSettings.defaults(data.resolve("images")), roots);
    StoredImage image =
        images.importArchive(bench.sample(), "sample:1", ImageStore.Progress.none());
    var config =
        OciEngineConfig.of(data, instance)
            .with(
                new OciEngineConfig.Runtimes(
                    isolation,
                    Optional.ofNullable(System.getenv("SANDPOOL_RUNSC")).map(Path::of),
                    Optional.empty()));
    OciEngine engine = OciEngine.open(config, roots);
    // From here on closing frees whatever a failure or Ctrl-C leaves.
    Path rootfs = roots.find(image.digest()).orElseThrow().rootfs();
    bench.cleanup().add(roots::unmount);
    var bed = new StartBed(engine, image, BareRuntime.of(config, engine, rootfs));
    bench.cleanup().add(bed);
    bed.bare.take(bed.bundle(data.resolve("sandboxes"), instance));
    return bed;
  }

  private static RootStore roots(Path data, InstanceId instance) throws IOException {
    return RootStore.open(
        data.resolve("roots"),
        data.resolve("images/tmp"),
        instance,
        new RootStore.Settings(1L << 30, 100_000, 0, 0x7012_0000, Duration.ofMinutes(30)));
  }

  /** The runtime specification that the engine writes for a sandbox of the image. */
  private String bundle(Path sandboxes, InstanceId instance) throws IOException {
    SandboxSpec spec = spec();
    try {
      engine.start(spec);
      String name = instance.nameOf(spec.id());
      String bundle = Files.readString(sandboxes.resolve(name).resolve("config.json"));
      engine.stop(spec.id(), Duration.ZERO);
      return bundle;
    } catch (Exception e) {
      throw new IOException("the engine starts no sandbox: " + e.getMessage(), e);
    }
  }

  private SandboxSpec spec() {
    return new SandboxSpec(
        SandboxId.random(new SecureRandom()),
        slots.getAndIncrement() % BARE_SLOTS,
        image.digest(),
        List.of(),
        List.of(),
        Map.of(),
        0.25 * WIDTH,
        512 << 20,
        PORT,
        NetworkStatus.EGRESS_DISABLED);
  }

  /** For a person. */
  String runtime() {
    return engine.info().runtime();
  }

  /** So many lives by the engine. */
  Round sandpool(int lives) throws IOException {
    return engineLanes.run(lives, number -> engineLife());
  }

  private double engineLife() throws Exception {
    SandboxSpec spec = spec();
    long begin = System.nanoTime();
    RunningSandbox sandbox = engine.start(spec);
    try {
      FirstAnswer.await(sandbox.address(), PORT);
      return (System.nanoTime() - begin) / 1e6;
    } finally {
      engine.stop(spec.id(), Duration.ZERO);
    }
  }

  /** A sandbox that answers until it is closed. */
  interface Held extends AutoCloseable {
    String address();

    @Override
    void close() throws IOException;
  }

  Held hold() throws Exception {
    SandboxSpec spec = spec();
    RunningSandbox sandbox = engine.start(spec);
    FirstAnswer.await(sandbox.address(), PORT);
    return new Held() {
      @Override
      public String address() {
        return sandbox.address();
      }

      @Override
      public void close() throws IOException {
        try {
          engine.stop(spec.id(), Duration.ZERO);
        } catch (SandboxStopException e) {
          throw new IOException(e);
        }
      }
    };
  }

  /** So many lives by the runtime alone. */
  Round bare(int lives) throws IOException {
    List<BareRuntime.Prepared> prepared = bare.prepare(lives, BARE_SLOTS);
    Round round = bareLanes.run(lives, number -> bare.life(prepared.get(number)));
    bare.remove(prepared);
    return round;
  }

  @Override
  public void close() throws IOException {
    engineLanes.close();
    bareLanes.close();
    bare.close();
    engine.reclaim(Set.of());
    engine.leave();
    engine.close();
  }

  @Override
  public String toString() {
    return "engine on " + runtime();
  }
}
