package dev.sandpool.e2e.attack;

import static org.awaitility.Awaitility.await;

import dev.sandpool.e2e.Leftovers;
import dev.sandpool.model.InstanceId;
import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.IdentityDoor;
import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.engine.SandboxEngine;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.oci.EngineUnavailableException;
import dev.sandpool.server.engine.oci.OciEngine;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import dev.sandpool.server.engine.oci.Vessel;
import dev.sandpool.server.time.Patience;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;

/** One engine with sandboxes of the attack image; closing it leaves nothing. */
final class Ward implements AutoCloseable {
  private static final Duration SOON = Patience.of(Duration.ofSeconds(60));

  private final InstanceId instance = InstanceId.random(RandomGenerator.getDefault());
  private final Path dataDir;
  private final OciEngine engine;
  private final AtomicInteger slots = new AtomicInteger();

  /**
   * @param vessel around each sandbox's process, if it is not run by itself
   */
  Ward(
      Path parent,
      OciEngineConfig.Runtimes runtimes,
      Optional<? extends Vessel.Maker> vessel,
      OciEngineConfig.Bounds bounds,
      AttackImage image)
      throws Exception {
    dataDir = Files.createTempDirectory(parent, "ward").toAbsolutePath();
    Files.writeString(
        parent.resolve(HostBox.INSTANCES),
        instance.prefix() + "\n",
        StandardOpenOption.CREATE,
        StandardOpenOption.APPEND);
    OciEngineConfig plain = OciEngineConfig.of(dataDir, instance).with(runtimes).with(bounds);
    engine = open(vessel.isPresent() ? plain.with(vessel.get()) : plain, image);
  }

  /** Runtimes are tried out within seconds, which an emulated processor that is busy may miss. */
  private static OciEngine open(OciEngineConfig config, AttackImage image) {
    return await("the engine works here")
        .atMost(SOON)
        .ignoreExceptionsInstanceOf(EngineUnavailableException.class)
        .until(() -> OciEngine.open(config, image), engine -> true);
  }

  SandboxEngine engine() {
    return engine;
  }

  /** Starts one in a slot that none had before, and waits until its agent listens. */
  Guest start(NetworkStatus network, long memoryMib, String... args) throws Exception {
    return startIn(slots.getAndIncrement(), network, memoryMib, args);
  }

  /** The same in that slot. */
  Guest startIn(int slot, NetworkStatus network, long memoryMib, String... args) throws Exception {
    return start(spec(slot, network, memoryMib, false, args));
  }

  /** A sandbox that may ask for tokens, and where. */
  record WithDoor(Guest guest, IdentityDoor door) {}

  /** Starts one that may ask for tokens; nobody answers there yet. */
  WithDoor startWithDoor(NetworkStatus network, long memoryMib) throws Exception {
    int slot = slots.getAndIncrement();
    Guest guest = start(spec(slot, network, memoryMib, true));
    return new WithDoor(guest, engine.identityDoor(slot));
  }

  private Guest start(SandboxSpec spec) throws Exception {
    RunningSandbox sandbox = engine.start(spec);
    return awake(new Guest(spec.id(), sandbox.address(), instance.nameOf(spec.id())));
  }

  /** Starts one that has the host's own network, so that its agent is at loopback. */
  Guest startOnHost() throws Exception {
    SandboxSpec spec = spec(slots.getAndIncrement(), NetworkStatus.EGRESS_DISABLED, 512, false);
    engine.start(spec);
    return awake(new Guest(spec.id(), "127.0.0.1", instance.nameOf(spec.id())));
  }

  private static SandboxSpec spec(
      int slot, NetworkStatus network, long memoryMib, boolean identity, String... args) {
    return new SandboxSpec(
        SandboxId.random(RandomGenerator.getDefault()),
        slot,
        AttackImage.DIGEST,
        List.of(),
        List.of(args),
        Map.of(),
        2,
        memoryMib << 20,
        8080,
        network,
        identity);
  }

  private static Guest awake(Guest guest) {
    await("the agent in " + guest.id())
        .atMost(SOON)
        .pollInterval(Duration.ofMillis(30))
        .until(guest::listens);
    return guest;
  }

  void stop(Guest guest) throws Exception {
    engine.stop(guest.id(), Duration.ZERO);
  }

  @Override
  public void close() throws Exception {
    engine.reclaim(Set.of());
    engine.leave();
    engine.close();
    List<String> left = Leftovers.of(instance, dataDir);
    // What was sent under a forged address while the walls were out; the kernel forgets it soon.
    left.removeIf(line -> line.startsWith("conntrack") && line.contains("[UNREPLIED]"));
    if (!left.isEmpty()) {
      throw new IOException("left behind: " + left);
    }
    Leftovers.delete(dataDir);
  }
}
