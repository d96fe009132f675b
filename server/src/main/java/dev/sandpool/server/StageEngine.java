package dev.sandpool.server;

import dev.sandpool.model.Isolation;
import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.ConsoleChunk;
import dev.sandpool.server.engine.ConsolePosition;
import dev.sandpool.server.engine.Consoles;
import dev.sandpool.server.engine.EngineEvent;
import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.engine.IdentityDoor;
import dev.sandpool.server.engine.NetworkGuard;
import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.engine.SandboxDamage;
import dev.sandpool.server.engine.SandboxEngine;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.SandboxUse;
import dev.sandpool.server.image.ImageRoots;
import dev.sandpool.server.image.StoredImage.ImageConfig;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * An engine for {@link DressRehearsal}: its sandboxes are no processes but one application on
 * loopback, and isolate nothing.
 */
final class StageEngine implements SandboxEngine, ImageRoots {
  private static final int SLOTS = 10_000;

  private final String image;
  private final Map<SandboxId, RunningSandbox> running = new ConcurrentHashMap<>();

  /**
   * @param image digest of the one image that is here
   */
  StageEngine(String image) {
    this.image = image;
  }

  @Override
  public EngineInfo info() {
    return new EngineInfo("stage", Isolation.CONTAINER, "none", 0, SLOTS);
  }

  @Override
  public RunningSandbox start(SandboxSpec spec) {
    return running.computeIfAbsent(
        spec.id(),
        id -> new RunningSandbox(id, spec.slot(), spec.imageDigest(), StageApplication.ADDRESS));
  }

  @Override
  public void settled(SandboxSpec spec) {}

  @Override
  public void retainSnapshots(Set<String> names) {}

  @Override
  public void stop(SandboxId sandbox, Duration grace) {
    running.remove(sandbox);
  }

  @Override
  public List<RunningSandbox> running() {
    return List.copyOf(running.values());
  }

  @Override
  public List<SandboxUse> used(Set<SandboxId> sandboxes) {
    return List.of();
  }

  @Override
  public List<String> reclaim(Set<SandboxId> keep) {
    running.keySet().retainAll(keep);
    return List.of();
  }

  @Override
  public List<SandboxDamage> inspect() {
    return List.of();
  }

  @Override
  public void network(SandboxId sandbox, NetworkStatus network) {}

  @Override
  public IdentityDoor identityDoor(int slot) {
    throw new UnsupportedOperationException("nobody asks for tokens in a rehearsal");
  }

  @Override
  public void listen(Consumer<EngineEvent> listener) {
    listener.accept(new NetworkGuard(true, ""));
  }

  @Override
  public Optional<InputStream> console(SandboxId sandbox, boolean follow) {
    return Optional.empty();
  }

  @Override
  public Consoles consoles() {
    return new NoConsoles();
  }

  private static final class NoConsoles implements Consoles {
    @Override
    public List<ConsoleChunk> read(List<ConsolePosition> positions, int maxBytes) {
      return List.of();
    }

    @Override
    public Set<SandboxId> ended() {
      return Set.of();
    }

    @Override
    public void release(SandboxId sandbox) {}
  }

  @Override
  public void leave() {}

  @Override
  public void close() {}

  @Override
  public long unpack(UUID work, String digest, ImageConfig config) {
    throw new UnsupportedOperationException("nothing is unpacked on stage");
  }

  @Override
  public Set<String> digests() {
    return Set.of(image);
  }

  @Override
  public void remove(String digest) {}
}
