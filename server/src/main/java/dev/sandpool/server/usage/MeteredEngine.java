package dev.sandpool.server.usage;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.Consoles;
import dev.sandpool.server.engine.EngineEvent;
import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.engine.IdentityDoor;
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
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** An engine of whose sandboxes a {@link UsageMeter} looks what they took before they go. */
public final class MeteredEngine implements SandboxEngine {
  private final SandboxEngine engine;
  private final UsageMeter meter;

  public MeteredEngine(SandboxEngine engine, UsageMeter meter) {
    this.engine = engine;
    this.meter = meter;
  }

  @Override
  public void stop(SandboxId sandbox, Duration grace) throws SandboxStopException {
    meter.sampleLast(sandbox);
    engine.stop(sandbox, grace);
  }

  // --- as they are -----------------------------------------------------------------------------

  @Override
  public EngineInfo info() {
    return engine.info();
  }

  @Override
  public RunningSandbox start(SandboxSpec spec) throws SandboxStartException {
    return engine.start(spec);
  }

  @Override
  public void settled(SandboxSpec spec) throws SandboxStartException {
    engine.settled(spec);
  }

  @Override
  public void retainSnapshots(Set<String> names) {
    engine.retainSnapshots(names);
  }

  @Override
  public List<RunningSandbox> running() {
    return engine.running();
  }

  @Override
  public List<SandboxUse> used(Set<SandboxId> sandboxes) {
    return engine.used(sandboxes);
  }

  @Override
  public List<String> reclaim(Set<SandboxId> keep) {
    return engine.reclaim(keep);
  }

  @Override
  public List<SandboxDamage> inspect() {
    return engine.inspect();
  }

  @Override
  public void network(SandboxId sandbox, NetworkStatus network) throws SandboxNetworkException {
    engine.network(sandbox, network);
  }

  @Override
  public IdentityDoor identityDoor(int slot) {
    return engine.identityDoor(slot);
  }

  @Override
  public void listen(Consumer<EngineEvent> listener) {
    engine.listen(listener);
  }

  @Override
  public Optional<InputStream> console(SandboxId sandbox, boolean follow) throws IOException {
    return engine.console(sandbox, follow);
  }

  @Override
  public Consoles consoles() {
    return engine.consoles();
  }

  @Override
  public void leave() throws IOException {
    engine.leave();
  }

  @Override
  public void close() {
    engine.close();
  }
}
