package dev.sandpool.server;

import dev.sandpool.model.InstanceId;
import dev.sandpool.model.Isolation;
import dev.sandpool.server.config.EngineSettings;
import dev.sandpool.server.config.MicrovmSettings;
import dev.sandpool.server.config.ServerConfig;
import dev.sandpool.server.doctor.HostWishes;
import dev.sandpool.server.engine.microvm.Emulation;
import dev.sandpool.server.engine.microvm.MicrovmConfig;
import dev.sandpool.server.engine.oci.EngineUnavailableException;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import dev.sandpool.server.engine.oci.RootStore;
import dev.sandpool.server.image.ImageStoreSettings;
import dev.sandpool.server.network.Ipv4Range;
import dev.sandpool.server.network.NetworkConfig;
import dev.sandpool.server.network.TrafficLimits;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** The configuration in the words of the parts that have rights on the host. */
record EnginePartSettings(ServerConfig config) {
  /** Names gVisor's runtime where the configuration does not; {@code ./dev} sets it. */
  private static final String RUNSC = "SANDPOOL_RUNSC";

  /**
   * Names a folder with {@code vmlinuz} and {@code initramfs} where the configuration does not;
   * {@code ./dev} sets it.
   */
  private static final String MICROVM = "SANDPOOL_MICROVM";

  /** Above all ids that Debian gives to users, and below those that systemd's services take. */
  private static final int FIRST_UNPACKING_USER = 0x7010_0000;

  private static final Duration UNPACKING = Duration.ofMinutes(30);

  RootStore.Settings roots() {
    return new RootStore.Settings(
        config.images().maxBytes(),
        config.images().maxFiles(),
        ImageStoreSettings.DEFAULT_MIN_FREE_BYTES,
        FIRST_UNPACKING_USER,
        UNPACKING);
  }

  OciEngineConfig engine(Path folder, InstanceId instance) {
    EngineSettings engine = config.engine();
    var runtimes =
        new OciEngineConfig.Runtimes(
            asked() == Isolation.CONTAINER ? Isolation.CONTAINER : Isolation.GVISOR,
            engine.runsc().or(() -> Optional.ofNullable(System.getenv(RUNSC)).map(Path::of)),
            engine.runc());
    OciEngineConfig defaults = OciEngineConfig.of(folder, instance);
    var network =
        new NetworkConfig(
            config.network().range().map(range -> Ipv4Range.parse(range.toString())),
            config.network().resolvers(),
            config.network().allowedRanges().stream()
                .map(range -> Ipv4Range.parse(range.toString()))
                .toList(),
            new TrafficLimits(config.network().rate(), config.network().connections()),
            config.network().identityPort());
    OciEngineConfig onRuntime = defaults.with(network).with(runtimes);
    OciEngineConfig chosen = machines() ? onRuntime.with(machines(engine.microvm())) : onRuntime;
    return chosen.with(
        new OciEngineConfig.Bounds(
            engine.consoleBytes(),
            defaults.bounds().processes(),
            new OciEngineConfig.Disk(
                engine.diskBytes(),
                engine.diskFiles(),
                OptionalLong.of(engine.diskRate()),
                config.limits().hostDiskFloorBytes())));
  }

  private static MicrovmConfig machines(MicrovmSettings settings) {
    Optional<Path> folder = Optional.ofNullable(System.getenv(MICROVM)).map(Path::of);
    return new MicrovmConfig(
        settings.kernel().or(() -> folder.map(path -> path.resolve("vmlinuz"))),
        settings.initramfs().or(() -> folder.map(path -> path.resolve("initramfs"))),
        Emulation.valueOf(settings.emulation().toUpperCase(Locale.ROOT)),
        settings.snapshotBytes());
  }

  /** What the server wants of its host, also before its data directory exists. */
  HostWishes host() {
    Path root = config.run().dataDirectory().toAbsolutePath().normalize();
    // The trial and the look at leftovers have names of their own.
    InstanceId nobody = new InstanceId("aaaa");
    List<InetSocketAddress> addresses =
        Stream.of(config.server().listen(), config.server().managementListen())
            .filter(address -> address.port() != 0)
            .distinct()
            .map(address -> new InetSocketAddress(address.host(), address.port()))
            .toList();
    return new HostWishes(
        root,
        engine(root.resolve("engine"), nobody),
        asked(),
        config.limits().hostMemoryBytes(),
        addresses);
  }

  /**
   * Refuses an engine that earned less than was asked for: nothing is quietly lowered.
   *
   * @throws EngineUnavailableException naming both
   */
  void requireIsolation(Isolation earned) throws EngineUnavailableException {
    if (earned.compareTo(asked()) < 0) {
      throw new EngineUnavailableException(
          "engine.isolation asks for '%s', and this host has '%s'".formatted(asked(), earned));
    }
  }

  /** Whether sandboxes are virtual machines. */
  boolean machines() {
    return asked() == Isolation.MICROVM;
  }

  private Isolation asked() {
    return config.engine().isolation().orElse(Isolation.GVISOR_HOSTNET);
  }
}
