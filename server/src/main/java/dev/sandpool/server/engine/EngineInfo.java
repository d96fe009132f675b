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

  /**
   * Whether it is at least what somebody asks for. A program as the processor is no stronger than
   * gVisor: an emulated machine stands in for a container alone, and for a machine, since emulation
   * was allowed by the host's operator.
   */
  public boolean satisfies(Isolation wanted) {
    return wanted == isolation
        || wanted == Isolation.CONTAINER
        || (!emulated && wanted.compareTo(isolation) < 0);
  }

  /** The label, with what it is short of where that counts against others. */
  public String offer() {
    return emulated
        ? "'%s' in software emulation".formatted(isolation.label())
        : "'" + isolation.label() + "'";
  }

  /** What it must not be used for, or is short of, to be shown beside its label; often empty. */
  public Optional<String> caution() {
    return emulated
        ? Optional.of("software emulation: slow, and no hardware boundary")
        : isolation.caution();
  }
}
