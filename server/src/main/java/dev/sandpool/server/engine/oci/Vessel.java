package dev.sandpool.server.engine.oci;

import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.SandboxStartException;
import dev.sandpool.server.linux.EmptyDisk;
import dev.sandpool.server.linux.ProcessId;
import dev.sandpool.server.network.Slot;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ObjectNode;

/** What a runtime runs for a sandbox: the image's own process, or something that runs it inside. */
public interface Vessel {
  /**
   * Makes the files of a sandbox whose folder and slot are made.
   *
   * @return what the runtime is to create, the text of {@code config.json}
   */
  String prepare(Cargo cargo) throws IOException, SandboxStartException;

  /**
   * Returns when the image's own process runs.
   *
   * @param process the first one of the runtime's
   * @throws SandboxStartException if it cannot run
   */
  void awaitRunning(Cargo cargo, ProcessId process) throws IOException, SandboxStartException;

  /** Whether a ready sandbox is to be made a snapshot of, and begun anew from that. */
  default boolean isPattern(SandboxFolder folder) {
    return false;
  }

  /**
   * Takes of a living pattern what it can only be asked for while it lives; it is of no other use
   * afterwards, also where that fails.
   */
  default void capture(SandboxFolder folder, ProcessId process) throws IOException {
    throw new IllegalStateException("no pattern: " + folder.name());
  }

  /**
   * Makes the snapshot of a pattern that is dead, or sees to it that its like is not tried again.
   *
   * @param failure of its capture, or null
   */
  default void keep(Cargo cargo, @Nullable IOException failure) {
    throw new IllegalStateException("no pattern: " + cargo.folder().name());
  }

  /** Drops the snapshots of all names but these. */
  default void retainSnapshots(Set<String> names) throws IOException {}

  /**
   * A start has failed that began with a snapshot.
   *
   * @return whether it is worth another attempt, without that snapshot
   */
  default boolean abandonSnapshot(SandboxSpec spec, SandboxFolder folder, Exception failure) {
    return false;
  }

  /** Who may open the slot's tap, where the sandbox is joined to its network by one. */
  OptionalInt tapOwner(Slot slot);

  /** Whether the sandbox's root is mounted on the host. */
  boolean rootOnHost();

  /**
   * Whether the cores are bounded only when the image's process runs, so that what runs before it,
   * which is not the image's, takes no part of them.
   */
  boolean boundsCpuLate();

  /**
   * What the engine offers with it.
   *
   * @param slots of its network
   */
  EngineInfo info(int slots);

  /**
   * What is to be run.
   *
   * @param process the image's own
   */
  record Cargo(
      SandboxFolder folder,
      SandboxSpec spec,
      ImageRoot image,
      OciSpec.GuestProcess process,
      Slot slot,
      List<String> resolvers) {}

  /** Makes vessels of one kind, as far as the host lets it. */
  interface Maker {
    /**
     * Finds out what works here.
     *
     * @throws EngineUnavailableException saying in one sentence what this host lacks
     */
    Vessel make(Workshop workshop) throws IOException, EngineUnavailableException;

    /**
     * What it needs of the host, each with where and of which version it is, for a person.
     *
     * @throws EngineUnavailableException naming one that is not there
     */
    Map<String, String> parts() throws EngineUnavailableException;

    /** Whether the guest's memory bound has ended it, for one that the host does not see. */
    boolean outOfMemory(SandboxFolder folder);
  }

  /**
   * What an engine lends to a maker.
   *
   * @param dataDir the engine's folder
   * @param disk content of a fresh disk
   * @param bounds of each sandbox
   * @param cgroups where sandboxes have their cgroups
   * @param seccomp the runtime's filter
   * @param trial starts something in the runtime to see whether it works
   * @param bootsInstead told a snapshot's name and why, when sandboxes cannot start from it
   */
  record Workshop(
      Path dataDir,
      HostFacts host,
      EmptyDisk disk,
      OciEngineConfig.Bounds bounds,
      Ground cgroups,
      Optional<ObjectNode> seccomp,
      Trying trial,
      BiConsumer<String, String> bootsInstead) {}

  /** Where sandboxes have their cgroups. */
  interface Ground {
    /** For the runtime's configuration. */
    String pathOf(SandboxFolder folder);

    /** Whether swap can be bounded. */
    boolean boundsSwap();
  }

  /** Starts something in the runtime, in a slot and a cgroup of its own, and leaves nothing. */
  interface Trying {
    /**
     * Runs it to its end.
     *
     * @param deadline after which all of it is killed
     * @return why it does not work, or nothing if it does
     */
    Optional<String> run(Experiment experiment, Duration deadline);
  }

  /** Something to be tried. */
  interface Experiment {
    /** Makes its files and answers the text of {@code config.json}. */
    String prepare(SandboxFolder folder, Slot slot) throws IOException;

    /** Why it does not work, judged by how it ended; nothing if it does. */
    Optional<String> judge(SandboxFolder folder, int exitCode, String output) throws IOException;
  }
}
