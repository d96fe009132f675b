package dev.sandpool.server.engine.oci;

import dev.sandpool.model.Isolation;
import dev.sandpool.model.Json;
import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.linux.Tool;
import dev.sandpool.server.network.SandboxNetwork;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.node.ObjectNode;

/**
 * Finds out what the host has and wires the engine's parts.
 *
 * @param watcher owned by the engine, which closes it
 * @param shares likewise
 */
record EngineSetup(
    SandboxFolders folders,
    SandboxNetwork network,
    ExitWatcher watcher,
    Removal removal,
    Cgroups cgroups,
    ProcessorShares shares,
    SandboxStart starter,
    ConsoleStore consoles,
    Vessel vessel,
    Alarms alarms,
    HostFacts host) {
  private static final Path SECCOMP = Path.of("/usr/share/containers/seccomp.json");

  static EngineSetup of(OciEngineConfig config) throws EngineUnavailableException {
    if (!HostFacts.root()) {
      throw new EngineUnavailableException(
          "starting sandboxes needs root: namespaces, mounts and packet rules");
    }
    Path conmon =
        Tool.CONMON.find().orElseThrow(() -> new EngineUnavailableException(Tool.CONMON.missing()));
    RuntimeFinder.Found program =
        config.runtimes().isolation() == Isolation.CONTAINER
            ? RuntimeFinder.runc(config.runtimes().runc())
            : RuntimeFinder.runsc(config.runtimes().runsc());
    try {
      return open(config, conmon, program);
    } catch (IOException e) {
      throw new EngineUnavailableException(String.valueOf(e.getMessage()), e);
    }
  }

  EngineInfo info() {
    return vessel.info(network.slots() - 1);
  }

  private static EngineSetup open(OciEngineConfig config, Path conmon, RuntimeFinder.Found program)
      throws IOException, EngineUnavailableException {
    HostFacts host = HostFacts.read();
    var folders = new SandboxFolders(config.dataDir(), config.instance());
    var consoles = new ConsoleStore(folders, config.dataDir());
    Cgroups cgroups = Cgroups.open(config.instance());
    Path empty = Files.createDirectories(config.dataDir().resolve("empty"));
    SandboxNetwork network =
        SandboxNetwork.open(config.dataDir(), config.instance(), config.network());
    var watcher =
        new ExitWatcher(
            folders,
            folder ->
                cgroups.outOfMemory(folder.name())
                    || config.vessel().filter(maker -> maker.outOfMemory(folder)).isPresent());
    var shares = new ProcessorShares(cgroups);
    var alarms = new Alarms();
    try {
      DiskRate diskRate = DiskRate.open(cgroups, config.bounds().disk().bytesPerSecond());
      var removal = new Removal(folders, cgroups, network, watcher, consoles, diskRate);
      Optional<ObjectNode> seccomp = seccomp(config);
      HostDisk disk = HostDisk.open(folders.root(), config.bounds().disk());
      var probe = new RuntimeProbe(folders, cgroups, network, removal, empty);
      OciRuntime runtime = probed(config, host, program, probe, seccomp);
      Vessel vessel =
          config.vessel().isPresent()
              ? config
                  .vessel()
                  .get()
                  .make(
                      new Vessel.Workshop(
                          config.dataDir(),
                          host,
                          disk.content(),
                          config.bounds(),
                          cgroups.ground(),
                          seccomp,
                          (experiment, deadline) -> probe.failure(runtime, experiment, deadline),
                          alarms))
              : new PlainVessel(
                  runtime, disk.content(), config.bounds().processes(), cgroups, seccomp);
      var parts =
          new SandboxStart.Parts(
              new Monitor(conmon, runtime, config.bounds().consoleBytes()),
              new Launch(runtime, empty),
              disk,
              diskRate,
              shares,
              vessel);
      var starter = new SandboxStart(folders, cgroups, network, parts);
      shares.watch();
      return new EngineSetup(
          folders, network, watcher, removal, cgroups, shares, starter, consoles, vessel, alarms,
          host);
    } catch (IOException | EngineUnavailableException | RuntimeException e) {
      watcher.close();
      giveUp(network, cgroups, e);
      throw e;
    }
  }

  /** Sandboxes of an earlier run still need the rules; without any, nothing shall be left. */
  private static void giveUp(SandboxNetwork network, Cgroups cgroups, Exception failure) {
    try (network) {
      if (network.names().isEmpty()) {
        network.remove();
        cgroups.removeRoots();
      }
    } catch (IOException e) {
      failure.addSuppressed(e);
    }
  }

  private static OciRuntime probed(
      OciEngineConfig config,
      HostFacts host,
      RuntimeFinder.Found program,
      RuntimeProbe probe,
      Optional<ObjectNode> seccomp)
      throws IOException, EngineUnavailableException {
    List<OciRuntime> candidates =
        seccomp.isPresent()
            ? List.of(OciRuntime.runc(program.binary(), program.version()))
            : RuntimeProbe.candidates(program);
    var remembered =
        new RememberedTrial<>(
            config.dataDir().resolve("engine-probe.json"),
            OciRuntime.class,
            host,
            List.of(
                RememberedTrial.identity(program.binary()),
                candidates,
                seccomp.map(filter -> filter.toString().hashCode())));
    // A weaker one may be all that worked for a moment, on a host too busy for the stronger ones,
    // and must not be all that sandboxes get until the next boot.
    return remembered.find(
        () -> probe.strongest(candidates, seccomp, program.trial()),
        found -> found.isolation() == candidates.getFirst().isolation());
  }

  private static Optional<ObjectNode> seccomp(OciEngineConfig config)
      throws IOException, EngineUnavailableException {
    if (config.runtimes().isolation() != Isolation.CONTAINER) {
      return Optional.empty();
    }
    if (!Files.exists(SECCOMP)) {
      throw new EngineUnavailableException(
          SECCOMP + " is missing; install the package golang-github-containers-common");
    }
    return Optional.of(
        SeccompProfile.convert(
            Json.MAPPER.readTree(Files.readString(SECCOMP)),
            Set.copyOf(OciSpec.CAPABILITIES),
            architecture()));
  }

  private static String architecture() {
    return switch (System.getProperty("os.arch")) {
      case "aarch64" -> "arm64";
      default -> "amd64";
    };
  }
}
