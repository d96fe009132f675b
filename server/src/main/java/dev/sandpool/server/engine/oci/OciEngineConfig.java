package dev.sandpool.server.engine.oci;

import dev.sandpool.model.InstanceId;
import dev.sandpool.model.Isolation;
import dev.sandpool.server.network.NetworkConfig;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What an operator may choose about the engine.
 *
 * @param dataDir the server's data directory, which the engine shares; absolute
 * @param instance the name of that data directory, in the names of everything on the host
 * @param vessel what the runtime runs for a sandbox instead of the image's own process, where it is
 *     something else
 */
public record OciEngineConfig(
    Path dataDir,
    InstanceId instance,
    Runtimes runtimes,
    Bounds bounds,
    NetworkConfig network,
    Optional<Vessel.Maker> vessel) {
  public OciEngineConfig {
    if (!dataDir.isAbsolute()) {
      throw new IllegalArgumentException("data directory " + dataDir + " is not absolute");
    }
  }

  /** The defaults: the best gVisor that the host has, and nothing weaker. */
  public static OciEngineConfig of(Path dataDir, InstanceId instance) {
    return new OciEngineConfig(
        dataDir,
        instance,
        Runtimes.gvisor(),
        Bounds.defaults(),
        NetworkConfig.defaults(),
        Optional.empty());
  }

  /** The same with other runtimes. */
  public OciEngineConfig with(Runtimes other) {
    return new OciEngineConfig(dataDir, instance, other, bounds, network, vessel);
  }

  /** The same with other bounds. */
  public OciEngineConfig with(Bounds other) {
    return new OciEngineConfig(dataDir, instance, runtimes, other, network, vessel);
  }

  /** The same with another network. */
  public OciEngineConfig with(NetworkConfig other) {
    return new OciEngineConfig(dataDir, instance, runtimes, bounds, other, vessel);
  }

  /** The same with another vessel, for which the runtime is runc. */
  public OciEngineConfig with(Vessel.Maker other) {
    var holder = new Runtimes(Isolation.CONTAINER, runtimes.runsc(), runtimes.runc());
    return new OciEngineConfig(dataDir, instance, holder, bounds, network, Optional.of(other));
  }

  /**
   * Which runtime to use.
   *
   * @param isolation {@link Isolation#GVISOR} takes the strongest gVisor that a probe finds to
   *     work; {@link Isolation#CONTAINER} takes runc, for trusted code only; the label that is
   *     earned shows in {@code EngineInfo}
   * @param runsc where it is; looked for in the usual folders where empty
   * @param runc where it is; looked for in the usual folders where empty
   */
  public record Runtimes(Isolation isolation, Optional<Path> runsc, Optional<Path> runc) {
    public Runtimes {
      if (isolation != Isolation.GVISOR && isolation != Isolation.CONTAINER) {
        throw new IllegalArgumentException(
            "engine isolation is gvisor or container, not " + isolation);
      }
    }

    /** gVisor, wherever it is. */
    public static Runtimes gvisor() {
      return new Runtimes(Isolation.GVISOR, Optional.empty(), Optional.empty());
    }

    /** runc, wherever it is; for trusted code only. */
    public static Runtimes container() {
      return new Runtimes(Isolation.CONTAINER, Optional.empty(), Optional.empty());
    }
  }

  /**
   * Bounds of each sandbox.
   *
   * @param consoleBytes of captured output on disk, at least 64 KiB
   * @param processes of the guest, at least 16
   * @param disk what it may write
   */
  public record Bounds(long consoleBytes, int processes, Disk disk) {
    public Bounds {
      if (consoleBytes < 64 << 10 || processes < 16) {
        throw new IllegalArgumentException(
            "console %d bytes (at least 65536), processes %d (at least 16)"
                .formatted(consoleBytes, processes));
      }
    }

    /** 10 MiB of output, 1024 processes, a disk of 1 GiB. */
    public static Bounds defaults() {
      return new Bounds(10 << 20, 1024, Disk.of(1L << 30));
    }
  }

  /**
   * What sandboxes may write.
   *
   * @param bytes of each, at least 16 MiB
   * @param files of each, folders and links included, at least 1024
   * @param bytesPerSecond that each may write to it, and as many that it may read; any number where
   *     absent
   * @param hostFloor free bytes of the host's disk below which no sandbox starts
   */
  public record Disk(long bytes, long files, OptionalLong bytesPerSecond, long hostFloor) {
    private static final long BYTES_PER_FILE = 16 << 10;

    public Disk {
      if (bytes < 16 << 20 || files < 1024 || files > bytes / 4096) {
        throw new IllegalArgumentException(
            "disk %d bytes (at least 16777216), files %d (1024 to one for each 4096 bytes)"
                .formatted(bytes, files));
      }
    }

    /** So large, with a file for each 16 KiB, at any rate; the host keeps 1 GiB free. */
    public static Disk of(long bytes) {
      return new Disk(
          bytes, Math.max(1024, bytes / BYTES_PER_FILE), OptionalLong.empty(), 1L << 30);
    }
  }
}
