package dev.sandpool.server.engine;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What to start; ids, digests and numbers, no paths.
 *
 * @param slot number of the network slot, unique among sandboxes that are not gone; at least 0
 * @param imageDigest digest of the image's manifest, {@code sha256:...}, already in the image store
 * @param command replaces the image's entry point where not empty
 * @param args replaces the image's command where not empty
 * @param env added to the image's environment, stronger than it
 * @param cpu cores, more than 0
 * @param memoryBytes bound of all processes together
 * @param targetPort where the application listens, 1 to 65535
 * @param network whether it may reach the internet
 * @param identity whether it may ask for tokens at its {@link IdentityDoor}
 * @param snapshot name of what it is one of, if all of that may begin as clones of one that was
 *     ready; null if each has to start by itself
 */
public record SandboxSpec(
    SandboxId id,
    int slot,
    String imageDigest,
    List<String> command,
    List<String> args,
    Map<String, String> env,
    double cpu,
    long memoryBytes,
    int targetPort,
    NetworkStatus network,
    boolean identity,
    @Nullable String snapshot) {
  /** One that starts by itself, and may not ask for tokens. */
  public SandboxSpec(
      SandboxId id,
      int slot,
      String imageDigest,
      List<String> command,
      List<String> args,
      Map<String, String> env,
      double cpu,
      long memoryBytes,
      int targetPort,
      NetworkStatus network) {
    this(
        id,
        slot,
        imageDigest,
        command,
        args,
        env,
        cpu,
        memoryBytes,
        targetPort,
        network,
        false,
        null);
  }

  /** One that starts by itself. */
  public SandboxSpec(
      SandboxId id,
      int slot,
      String imageDigest,
      List<String> command,
      List<String> args,
      Map<String, String> env,
      double cpu,
      long memoryBytes,
      int targetPort,
      NetworkStatus network,
      boolean identity) {
    this(
        id,
        slot,
        imageDigest,
        command,
        args,
        env,
        cpu,
        memoryBytes,
        targetPort,
        network,
        identity,
        null);
  }

  /** The same, begun as a clone where that is possible. */
  public SandboxSpec withSnapshot(String name) {
    return new SandboxSpec(
        id,
        slot,
        imageDigest,
        command,
        args,
        env,
        cpu,
        memoryBytes,
        targetPort,
        network,
        identity,
        name);
  }

  /**
   * @throws IllegalArgumentException naming what is out of its range: whoever asks may have been
   *     taken over
   */
  public SandboxSpec {
    if (slot < 0 || targetPort < 1 || targetPort > 65_535) {
      throw new IllegalArgumentException(
          "slot %d (at least 0), port %d (1 to 65535)".formatted(slot, targetPort));
    }
    if (!(cpu > 0 && cpu <= 4096) || memoryBytes < 1) {
      throw new IllegalArgumentException(
          "cpu %s (more than 0, at most 4096), memory %d bytes (at least 1)"
              .formatted(cpu, memoryBytes));
    }
    command = List.copyOf(command);
    args = List.copyOf(args);
    env = Map.copyOf(env);
  }
}
