package dev.sandpool.server.engine;

import com.sun.net.httpserver.HttpHandler;
import dev.sandpool.model.Isolation;
import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The machine of {@link SimulatedEngine}s: it outlives them, as a real host outlives its server.
 *
 * <p>Tests turn it: what happens when a sandbox starts ({@link #onStart}), what answers HTTP in
 * each ({@link #serveWith}), and when one ends ({@link #exit}).
 */
public final class SimulatedHost implements AutoCloseable {
  /** Called for every start, in the caller's thread: may block, count or refuse. */
  @FunctionalInterface
  public interface StartHook {
    /** One start; what it throws is what the start throws, and nothing of the sandbox is left. */
    void starting(SandboxSpec spec) throws SandboxStartException;
  }

  private final Map<SandboxId, SimulatedSandbox> sandboxes = new ConcurrentSkipListMap<>();
  private final SimulatedConsoles consoles = new SimulatedConsoles(this);
  private final Set<SandboxId> everStarted = new TreeSet<>();
  private final AtomicInteger starts = new AtomicInteger();
  private final AtomicInteger failingStops = new AtomicInteger();
  private final AtomicInteger failingNetworks = new AtomicInteger();
  private final List<Consumer<NetworkGuard>> guardListeners = new ArrayList<>();
  private NetworkGuard guard = new NetworkGuard(true, "simulated");
  private volatile StartHook hook = spec -> {};
  private volatile @Nullable HttpHandler application;
  private volatile List<String> imageCommand = List.of(SimulatedGuest.SERVE);
  private volatile List<String> imageArgs = List.of();
  private volatile Map<String, String> imageEnv = Map.of();
  private volatile List<SandboxDamage> damages = List.of();
  private volatile @Nullable List<SandboxUse> uses = List.of();
  private volatile Optional<Set<String>> images = Optional.empty();
  private volatile Isolation isolation = Isolation.GVISOR;
  private volatile long overheadBytes;

  /** Sets what happens at each start, instead of what was set before. */
  public SimulatedHost onStart(StartHook newHook) {
    hook = newHook;
    return this;
  }

  /**
   * Gives each sandbox started from now on a real listener on its target port, on a loopback
   * address of its own that {@link RunningSandbox#address} shows. Without it every address is
   * {@code 127.0.0.1} and nobody listens.
   */
  public SimulatedHost serveWith(HttpHandler handler) {
    application = handler;
    return this;
  }

  /** Sets what every image runs where the spec says nothing. */
  public SimulatedHost image(List<String> command, List<String> args, Map<String, String> env) {
    imageCommand = List.copyOf(command);
    imageArgs = List.copyOf(args);
    imageEnv = Map.copyOf(env);
    return this;
  }

  /** Sets which digests are on the host; until it is called, all are. */
  public SimulatedHost images(Set<String> digests) {
    images = Optional.of(Set.copyOf(digests));
    return this;
  }

  /** From now on this stands between the host and what starts; what runs goes on as it was. */
  public SimulatedHost isolation(Isolation next) {
    isolation = next;
    return this;
  }

  Isolation isolation() {
    return isolation;
  }

  /** What each sandbox needs beside its own memory. */
  public SimulatedHost overhead(long bytes) {
    overheadBytes = bytes;
    return this;
  }

  long overheadBytes() {
    return overheadBytes;
  }

  /** Ends a living sandbox as if its first process had exited; false if it does not live. */
  public boolean exit(SandboxId id, int exitCode, boolean outOfMemory) {
    SimulatedSandbox sandbox = sandboxes.get(id);
    return sandbox != null && sandbox.end(exitCode, outOfMemory);
  }

  /** The next stops fail, that many, and leave the sandbox as it is. */
  public SimulatedHost failStops(int count) {
    failingStops.set(count);
    return this;
  }

  boolean stopFails() {
    return failingStops.getAndUpdate(left -> Math.max(0, left - 1)) > 0;
  }

  /** From now on this is what sandboxes take. */
  public SimulatedHost uses(List<SandboxUse> seen) {
    uses = List.copyOf(seen);
    return this;
  }

  /** From now on nobody can tell what they take. */
  public SimulatedHost usesCannotBeRead() {
    uses = null;
    return this;
  }

  List<SandboxUse> uses() {
    List<SandboxUse> seen = uses;
    if (seen == null) {
      throw new IllegalStateException("the simulated host does not tell what sandboxes take");
    }
    return seen;
  }

  /** From now on this is what is missing of living sandboxes. */
  public SimulatedHost damage(List<SandboxDamage> found) {
    damages = List.copyOf(found);
    return this;
  }

  List<SandboxDamage> damages() {
    return damages.stream().filter(damage -> find(damage.id()).isPresent()).toList();
  }

  /** Adds a line to a sandbox's console. */
  public void print(SandboxId id, String text) {
    SimulatedSandbox sandbox = sandboxes.get(id);
    if (sandbox != null) {
      sandbox.print(text);
    }
  }

  /** How often a sandbox was started, failures included. */
  public int starts() {
    return starts.get();
  }

  /** What a living sandbox was started with. */
  public Optional<SandboxSpec> specOf(SandboxId id) {
    return Optional.ofNullable(sandboxes.get(id)).map(SimulatedSandbox::spec);
  }

  /** Every id that was ever started here successfully, which finds one that is used twice. */
  public Set<SandboxId> everStarted() {
    synchronized (everStarted) {
      return Set.copyOf(everStarted);
    }
  }

  /** What a sandbox may reach at this moment. */
  public Optional<NetworkStatus> networkOf(SandboxId id) {
    return Optional.ofNullable(sandboxes.get(id)).map(SimulatedSandbox::network);
  }

  /** The next changes of a network fail, that many, and change nothing. */
  public SimulatedHost failNetworks(int count) {
    failingNetworks.set(count);
    return this;
  }

  void network(SandboxId id, NetworkStatus network) throws SandboxNetworkException {
    if (failingNetworks.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
      throw new SandboxNetworkException("the simulated host does not change " + id, null);
    }
    SimulatedSandbox sandbox = sandboxes.get(id);
    if (sandbox != null) {
      sandbox.network(network);
    }
  }

  /** Takes the packet rules out of force, or puts them in force again, and tells who listens. */
  public void guard(boolean inForce, String detail) {
    NetworkGuard next = new NetworkGuard(inForce, detail);
    List<Consumer<NetworkGuard>> receivers;
    synchronized (guardListeners) {
      guard = next;
      receivers = List.copyOf(guardListeners);
    }
    receivers.forEach(receiver -> receiver.accept(next));
  }

  void onGuard(Consumer<NetworkGuard> receiver) {
    NetworkGuard now;
    synchronized (guardListeners) {
      guardListeners.add(receiver);
      now = guard;
    }
    receiver.accept(now);
  }

  SimulatedSandbox start(SandboxSpec spec) throws SandboxStartException {
    starts.incrementAndGet();
    hook.starting(spec);
    if (!images.map(known -> known.contains(spec.imageDigest())).orElse(true)) {
      throw new SandboxStartException(
          SandboxStartException.Cause.HOST, "image " + spec.imageDigest() + " is not on this host");
    }
    var sandbox = new SimulatedSandbox(spec, Optional.ofNullable(application), isolation);
    SimulatedSandbox before = sandboxes.put(spec.id(), sandbox);
    if (before != null) {
      before.free();
    }
    try {
      new SimulatedGuest(imageCommand, imageArgs, imageEnv).run(sandbox);
    } catch (SandboxStartException failure) {
      free(spec.id());
      throw failure;
    }
    synchronized (everStarted) {
      everStarted.add(spec.id());
    }
    return sandbox;
  }

  Optional<SimulatedSandbox> find(SandboxId id) {
    return Optional.ofNullable(sandboxes.get(id));
  }

  List<SimulatedSandbox> all() {
    return List.copyOf(sandboxes.values());
  }

  void free(SandboxId id) {
    SimulatedSandbox sandbox = sandboxes.remove(id);
    if (sandbox != null) {
      sandbox.free();
      consoles.keep(sandbox);
    }
  }

  Consoles consoles() {
    return consoles;
  }

  /** Ends everything, as pulling the plug would. */
  @Override
  public void close() {
    all().forEach(sandbox -> free(sandbox.spec().id()));
  }
}
