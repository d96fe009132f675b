package dev.sandpool.server.engine.oci;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.Consoles;
import dev.sandpool.server.engine.EngineEvent;
import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.engine.IdentityDoor;
import dev.sandpool.server.engine.NetworkGuard;
import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.engine.SandboxDamage;
import dev.sandpool.server.engine.SandboxEngine;
import dev.sandpool.server.engine.SandboxNetworkException;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.SandboxStartException;
import dev.sandpool.server.engine.SandboxStopException;
import dev.sandpool.server.engine.SandboxUse;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The engine {@code oci}: sandboxes of one Linux host, by conmon and gVisor's runsc or runc; also
 * what {@code microvm} has in common with it, where the runtime holds a virtual machine's monitor.
 *
 * <p>It keeps nothing in memory that it could not read back: folders, cgroups, namespaces and /proc
 * are its record.
 */
public final class OciEngine implements SandboxEngine {
  private static final Logger LOG = LoggerFactory.getLogger(OciEngine.class);

  private final EngineSetup setup;
  private final ImageRoot.Finder images;
  private final TurnTaking turns = new TurnTaking();
  private final CgroupUse use;
  private volatile boolean left;

  private OciEngine(EngineSetup setup, ImageRoot.Finder images) {
    this.setup = setup;
    this.images = images;
    this.use = new CgroupUse(setup.cgroups());
  }

  /**
   * Opens the engine: checks the host, puts the packet rules in force, probes the runtime where
   * that was not done since boot (0.3 to 30 s).
   *
   * @throws EngineUnavailableException saying in one sentence what this host lacks
   */
  public static OciEngine open(OciEngineConfig config, ImageRoot.Finder images)
      throws EngineUnavailableException {
    return new OciEngine(EngineSetup.of(config), images);
  }

  @Override
  public EngineInfo info() {
    return setup.info();
  }

  @Override
  public RunningSandbox start(SandboxSpec spec) throws SandboxStartException {
    try (TurnTaking.Turn turn = turns.of(spec.id())) {
      if (left) {
        throw new SandboxStartException(
            SandboxStartException.Cause.HOST, "the engine has left the host; start it anew");
      }
      return startAlone(spec);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxStartException(SandboxStartException.Cause.HOST, "interrupted", e);
    }
  }

  @Override
  public void settled(SandboxSpec spec) throws SandboxStartException {
    SandboxFolder folder = setup.folders().of(spec.id());
    try (TurnTaking.Turn turn = turns.of(spec.id())) {
      if (folder.running(setup.host().bootId()).isEmpty() || !setup.vessel().isPattern(folder)) {
        return;
      }
      boolean goesOn = false;
      try {
        ImageRoot image = image(spec);
        setup.starter().capture(folder, spec, image, setup.removal());
        begin(folder, spec, image);
        goesOn = true;
      } finally {
        if (!goesOn) {
          removeFailed(folder);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxStartException(SandboxStartException.Cause.HOST, "interrupted", e);
    } catch (IOException e) {
      throw new SandboxStartException(
          SandboxStartException.Cause.HOST,
          "the sandbox cannot be made a snapshot of: " + e.getMessage(),
          e);
    }
  }

  @Override
  public void retainSnapshots(Set<String> names) {
    try {
      setup.vessel().retainSnapshots(names);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look for snapshots", e);
    }
  }

  /** Starts it, once more where its snapshot was to blame. */
  private RunningSandbox begin(SandboxFolder folder, SandboxSpec spec, ImageRoot image)
      throws IOException, SandboxStartException {
    RunningSandbox sandbox;
    try {
      sandbox = setup.starter().start(folder, spec, image, setup.host().bootId());
    } catch (SandboxStartException e) {
      if (!setup.vessel().abandonSnapshot(spec, folder, e)) {
        throw e;
      }
      setup.removal().kill(folder);
      setup.removal().clear(folder);
      sandbox = setup.starter().start(folder, spec, image, setup.host().bootId());
    }
    setup.watcher().check(folder);
    return sandbox;
  }

  private ImageRoot image(SandboxSpec spec) throws SandboxStartException {
    return images
        .find(spec.imageDigest())
        .orElseThrow(
            () ->
                new SandboxStartException(
                    SandboxStartException.Cause.HOST,
                    "image " + spec.imageDigest() + " is not on this host"));
  }

  private RunningSandbox startAlone(SandboxSpec spec) throws SandboxStartException {
    SandboxFolder folder = setup.folders().of(spec.id());
    Optional<RunningSandbox> running = folder.running(setup.host().bootId());
    if (running.isPresent()) {
      return running.get();
    }
    ImageRoot image = image(spec);
    boolean started = false;
    try {
      if (folder.exists()) {
        setup.removal().remove(folder);
      }
      RunningSandbox sandbox = begin(folder, spec, image);
      started = true;
      return sandbox;
    } catch (IOException e) {
      throw new SandboxStartException(
          SandboxStartException.Cause.HOST,
          "what an earlier start left cannot be removed: " + e.getMessage(),
          e);
    } finally {
      if (!started) {
        removeFailed(folder);
      }
    }
  }

  private void removeFailed(SandboxFolder folder) {
    try {
      setup.removal().remove(folder);
    } catch (IOException e) {
      LOG.warn("sandbox {} failed to start and cannot be removed yet", folder.id(), e);
    }
  }

  @Override
  public void stop(SandboxId sandbox, Duration grace) throws SandboxStopException {
    SandboxFolder folder = setup.folders().of(sandbox);
    try (TurnTaking.Turn turn = turns.of(sandbox)) {
      folder.markStopping();
      setup.removal().ask(folder, grace);
      setup.removal().remove(folder);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new SandboxStopException("interrupted while sandbox " + sandbox + " was stopped", e);
    } catch (IOException e) {
      throw new SandboxStopException(
          "sandbox " + sandbox + " is not gone yet: " + e.getMessage(), e);
    }
  }

  @Override
  public List<RunningSandbox> running() {
    try {
      // A server that starts waits for it.
      return setup.folders().all().parallelStream()
          .flatMap(folder -> folder.running(setup.host().bootId()).stream())
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read which sandboxes run", e);
    }
  }

  @Override
  public List<SandboxUse> used(Set<SandboxId> sandboxes) {
    try {
      List<SandboxUse> found = new ArrayList<>();
      for (SandboxId id : sandboxes) {
        String name = setup.folders().of(id).name();
        OptionalLong cpu = use.cpuNanos(name);
        OptionalLong memory = use.memoryBytes(name);
        if (cpu.isPresent() && memory.isPresent()) {
          found.add(new SandboxUse(id, cpu.getAsLong(), memory.getAsLong()));
        }
      }
      return found;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read what sandboxes take", e);
    }
  }

  @Override
  public List<String> reclaim(Set<SandboxId> keep) {
    Set<String> kept =
        keep.stream().map(id -> setup.folders().of(id).name()).collect(Collectors.toSet());
    try (TurnTaking.Turn turn = turns.ofAll()) {
      List<String> freed = setup.removal().reclaim(kept);
      setup.network().forgetOthers(addresses(keep));
      return freed;
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look for leftovers", e);
    }
  }

  private Set<String> addresses(Set<SandboxId> sandboxes) {
    return sandboxes.stream()
        .flatMap(id -> setup.folders().of(id).plan().stream())
        .map(SandboxFolder.Plan::address)
        .collect(Collectors.toSet());
  }

  @Override
  public List<SandboxDamage> inspect() {
    try {
      return new Inspection(setup.folders(), setup.host().bootId(), setup.vessel().rootOnHost())
          .look();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot compare the sandboxes with the host", e);
    }
  }

  @Override
  public void network(SandboxId sandbox, NetworkStatus network) throws SandboxNetworkException {
    SandboxFolder folder = setup.folders().of(sandbox);
    Optional<SandboxFolder.Plan> plan = folder.plan();
    if (plan.isEmpty()) {
      return;
    }
    boolean egress = network == NetworkStatus.EGRESS_ENABLED && plan.get().egress();
    try {
      setup
          .network()
          .egress(
              setup
                  .network()
                  .slot(
                      folder.name(),
                      plan.get().slot(),
                      plan.get().egress(),
                      plan.get().door() != null),
              egress);
    } catch (IOException e) {
      throw new SandboxNetworkException(
          "the network of sandbox " + sandbox + " cannot be changed: " + e.getMessage(), e);
    }
  }

  @Override
  public IdentityDoor identityDoor(int slot) {
    return IdentityDoor.of(setup.network().identityDoor(slot));
  }

  @Override
  public void listen(Consumer<EngineEvent> listener) {
    setup.watcher().listen(listener::accept);
    setup.alarms().listen(listener::accept);
    setup
        .network()
        .listen(state -> listener.accept(new NetworkGuard(state.inForce(), state.detail())));
  }

  @Override
  public Optional<InputStream> console(SandboxId sandbox, boolean follow) throws IOException {
    SandboxFolder folder = setup.folders().of(sandbox);
    if (!follow) {
      return ConsoleStream.read(folder.console());
    }
    return ConsoleStream.follow(
        folder.console(),
        () -> folder.exists() && !Files.exists(folder.exitFile()) && !folder.stopping());
  }

  @Override
  public Consoles consoles() {
    return setup.consoles();
  }

  @Override
  public void leave() throws IOException {
    try (TurnTaking.Turn turn = turns.ofAll()) {
      // Before the rules go: without them nothing may start.
      left = true;
      setup.network().remove();
      setup.cgroups().removeRoots();
    }
  }

  @Override
  public void close() {
    setup.shares().close();
    setup.watcher().close();
    setup.network().close();
  }
}
