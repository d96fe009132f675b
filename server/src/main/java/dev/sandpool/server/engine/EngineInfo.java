package dev.sandpool.server.engine;

import dev.sandpool.model.Isolation;
import java.util.Optional;

/**
 * What an engine offers.
 *
 * @param name {@code oci} or {@code microvm}; others in tests
 * @param isolation what was earned by probe
 * @param runtime runtime, version and platform for a person, {@code runsc 20240729 (systrap)}
 * @param emulated whether the processor of its virtual machines is a program's: slow, and with that
 *     program as the boundary instead of the hardware
 * @param overheadBytes memory that a sandbox needs on the host beyond its own limit
 * @param slots how many sandboxes the network has room for: slots are 0 to this, exclusively
 */
public record EngineInfo(
    String name,
    Isolation isolation,
    String runtime,
    boolean emulated,
    long overheadBytes,
    int slots) {
  /** An engine on the host's own processor. */
  public EngineInfo(
      String name, Isolation isolation, String runtime, long overheadBytes, int slots) {
    this(name, isolation, runtime, /* emulated= */ false, overheadBytes, slots);
  }

  /** What it must not be used for, or is short of, to be shown beside its label; often empty. */
  public Optional<String> caution() {
    return emulated
        ? Optional.of("software emulation: slow, and no hardware boundary")
        : isolation.caution();
  }
}
