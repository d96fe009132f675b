package dev.sandpool.server.engine;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An engine without processes, for tests that need no root: it behaves as the contract kit asks of
 * every engine, and its {@link SimulatedHost} lets a test decide what goes wrong and when.
 *
 * <p>Exits are told in threads of the engine, as a real one does. A second engine on the same host
 * is a server that was started again.
 */
public final class SimulatedEngine implements SandboxEngine {
  private final SimulatedHost host;
  private final EngineInfo info;
  private final Set<SandboxId> told = new HashSet<>();
  private final List<SandboxSpec> settled = new CopyOnWriteArrayList<>();
  private volatile Set<String> retained = Set.of();
  private volatile @Nullable SandboxStartException settlingFails;
  private @Nullable Consumer<EngineEvent> listener;
  private boolean closed;

  /** An engine on a fresh host of its own. */
  public SimulatedEngine() {
    this(new SimulatedHost());
  }

  /** An engine on a host that may have sandboxes already. */
  public SimulatedEngine(SimulatedHost host) {
    this.host = host;
    this.info =
        new EngineInfo(
            "simulated", host.isolation(), "simulated", host.overheadBytes(), Integer.MAX_VALUE);
  }

  /** What the test turns. */
  public SimulatedHost host() {
    return host;
  }

  @Override
  public EngineInfo info() {
    return info;
  }

  @Override
  public RunningSandbox start(SandboxSpec spec) throws SandboxStartException {
    Optional<SimulatedSandbox> there = host.find(spec.id()).filter(SimulatedSandbox::alive);
    if (there.isPresent()) {
      return there.get().running();
    }
    SimulatedSandbox started = host.start(spec);
    watch(started);
    return started.running();
  }

  @Override
  public void settled(SandboxSpec spec) throws SandboxStartException {
    SandboxStartException failure = settlingFails;
    if (failure != null) {
      throw failure;
    }
    settled.add(spec);
  }

  @Override
  public void retainSnapshots(Set<String> names) {
    retained = Set.copyOf(names);
  }

  /** Every spec that was called ready. */
  public List<SandboxSpec> settled() {
    return settled;
  }

  /** The names that snapshots were last kept of. */
  public Set<String> retained() {
    return retained;
  }

  /** Whoever is called ready does not go on, from now on; null: it does. */
  public void failSettling(@Nullable SandboxStartException failure) {
    settlingFails = failure;
  }

  @Override
  public void stop(SandboxId sandbox, Duration grace) throws SandboxStopException {
    if (host.stopFails()) {
      throw new SandboxStopException("the simulated host does not let " + sandbox + " go");
    }
    host.free(sandbox);
  }

  @Override
  public List<RunningSandbox> running() {
    return host.all().stream()
        .filter(SimulatedSandbox::alive)
        .map(SimulatedSandbox::running)
        .toList();
  }

  @Override
  public List<SandboxUse> used(Set<SandboxId> sandboxes) {
    return host.uses().stream().filter(use -> sandboxes.contains(use.sandbox())).toList();
  }

  @Override
  public List<String> reclaim(Set<SandboxId> keep) {
    List<SandboxId> leftovers =
        host.all().stream()
            .map(sandbox -> sandbox.spec().id())
            .filter(id -> !keep.contains(id))
            .toList();
    List<SandboxId> freed = leftovers.stream().filter(id -> !host.stopFails()).toList();
    freed.forEach(host::free);
    return freed.stream().map(SandboxId::value).toList();
  }

  @Override
  public List<SandboxDamage> inspect() {
    return host.damages();
  }

  @Override
  public void network(SandboxId sandbox, NetworkStatus network) throws SandboxNetworkException {
    host.network(sandbox, network);
  }

  @Override
  public IdentityDoor identityDoor(int slot) {
    return new IdentityDoor("127.0.0.1", 1);
  }

  @Override
  public void listen(Consumer<EngineEvent> newListener) {
    synchronized (this) {
      listener = newListener;
      told.clear();
    }
    host.onGuard(this::tell);
    host.all().forEach(this::watch);
  }

  private void tell(NetworkGuard guard) {
    Consumer<EngineEvent> receiver;
    synchronized (this) {
      if (listener == null || closed) {
        return;
      }
      receiver = listener;
    }
    receiver.accept(guard);
  }

  private void watch(SimulatedSandbox sandbox) {
    Thread.ofVirtual()
        .name("simulated-exit")
        .start(
            () -> {
              try {
                sandbox.awaitExit().ifPresent(this::tell);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  private void tell(SandboxExit exit) {
    Consumer<EngineEvent> receiver;
    synchronized (this) {
      if (listener == null || closed || !told.add(exit.id())) {
        return;
      }
      receiver = listener;
    }
    receiver.accept(exit);
  }

  @Override
  public Optional<InputStream> console(SandboxId sandbox, boolean follow) {
    return host.find(sandbox).map(found -> found.console(follow));
  }

  @Override
  public Consoles consoles() {
    return host.consoles();
  }

  @Override
  public void leave() throws IOException {
    if (!host.all().isEmpty()) {
      throw new IOException("the simulated host still has sandboxes");
    }
  }

  @Override
  public synchronized void close() {
    closed = true;
  }
}
