package dev.sandpool.server.engine;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * What starts and stops sandboxes.
 *
 * <p>It takes and gives plain values and every call may be repeated, because it will live in a
 * process of its own: it keeps nothing but what it can read back from the host. All calls block;
 * they are made from virtual threads, in parallel for different sandboxes and one at a time for the
 * same.
 */
public interface SandboxEngine extends AutoCloseable {
  /** What this engine offers on this host, found out by starting something. */
  EngineInfo info();

  /**
   * Starts a sandbox and returns when its first process runs, which does not mean that it listens.
   *
   * <p>A second start of the same id with the same spec answers what runs. If it fails, nothing of
   * the sandbox is left.
   *
   * @throws SandboxStartException naming the cause
   */
  RunningSandbox start(SandboxSpec spec) throws SandboxStartException;

  /**
   * Says that what {@link #start} started from that spec is ready, and in use by nobody. Where the
   * spec names a snapshot and none is there, the engine may make one of it: the sandbox then goes
   * on as the first clone, with the same address and output, and without its open connections.
   *
   * @throws SandboxStartException if it does not go on; nothing of it is left then
   */
  void settled(SandboxSpec spec) throws SandboxStartException;

  /** Drops the snapshots of all names but these. */
  void retainSnapshots(Set<String> names);

  /**
   * Stops a sandbox and returns when its last process is dead and everything of it is freed: asks,
   * waits for {@code grace}, kills. Does nothing if there is no such sandbox.
   *
   * @throws SandboxStopException if something of it is still there; a repeated call goes on
   */
  void stop(SandboxId sandbox, Duration grace) throws SandboxStopException;

  /** All sandboxes of this server that have a living process, read from the host. */
  List<RunningSandbox> running();

  /** What those sandboxes take; of those that are not there nothing is said. */
  List<SandboxUse> used(Set<SandboxId> sandboxes);

  /**
   * Frees everything on the host that carries this server's name and belongs to none of {@code
   * keep}.
   *
   * @return the names of what was freed
   */
  List<String> reclaim(Set<SandboxId> keep);

  /**
   * Compares living sandboxes with what the host has of them, mends what can be mended, and answers
   * what was found missing: mended things once, the others at each call. Cheap enough for every few
   * seconds.
   */
  List<SandboxDamage> inspect();

  /**
   * Changes what a running sandbox may reach, at once. Where that is less than before, connections
   * that are no longer allowed are cut. A sandbox never gets more than it was started with: one
   * that was started without egress stays so. Does nothing if there is no such sandbox; may be
   * called while it is stopped.
   *
   * @throws SandboxNetworkException if it may not have happened; a repeated call tries again
   */
  void network(SandboxId sandbox, NetworkStatus network) throws SandboxNetworkException;

  /**
   * Where a sandbox of that slot may ask for tokens, if its spec says so. Nothing of the slot need
   * exist: whoever answers there can be ready before the sandbox starts.
   */
  IdentityDoor identityDoor(int slot);

  /**
   * Tells {@code listener} what happens unasked. There is one listener, set before the first start;
   * another takes its place.
   *
   * <ul>
   *   <li>{@link SandboxExit}: every end of a sandbox that {@link #stop} did not cause, once to
   *       each listener until it is stopped; also of one that ended before anybody listened.
   *   <li>{@link SnapshotLoss}: each time that snapshot starts become other starts.
   *   <li>{@link NetworkGuard}: how the rules stand when the listener is set, and each change.
   * </ul>
   */
  void listen(Consumer<EngineEvent> listener);

  /**
   * The captured output of a sandbox from its oldest line that is kept, in lines {@code TIME STREAM
   * F|P TEXT}; empty where there is no such sandbox.
   *
   * @param follow whether the stream goes on as long as the sandbox lives, across rotation
   */
  Optional<InputStream> console(SandboxId sandbox, boolean follow) throws IOException;

  /** The consoles by position, for who reads each line once; also of sandboxes that are gone. */
  Consoles consoles();

  /**
   * Takes everything of this server off the host that is not a sandbox; after the last one is
   * stopped, where none shall live on. The engine must be opened anew afterwards.
   *
   * @throws IOException if a sandbox is left
   */
  void leave() throws IOException;

  /** Ends the engine's own threads. Sandboxes live on. */
  @Override
  void close();
}
