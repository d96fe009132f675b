package dev.sandpool.model;

import java.util.Arrays;
import java.util.Optional;

/**
 * What stands between a sandbox's code and the host; each label is earned by a probe at start,
 * never by configuration text. Declared from weakest to strongest.
 */
public enum Isolation {
  /** runc: namespaces and seccomp on the host's kernel. For trusted code only. */
  CONTAINER("container"),
  /** gVisor's user-space kernel on the namespace's network stack: weaker than {@link #GVISOR}. */
  GVISOR_HOSTNET("gvisor-hostnet"),
  /** gVisor's user-space kernel with its own network stack. Not a hardware boundary. */
  GVISOR("gvisor"),
  /** A virtual machine per sandbox. */
  MICROVM("microvm");

  private final String label;

  Isolation(String label) {
    this.label = label;
  }

  /** The word that users see. */
  public String label() {
    return label;
  }

  /** What it must not be used for, or is short of, to be shown beside the label; often empty. */
  public Optional<String> caution() {
    return switch (this) {
      case CONTAINER -> Optional.of("for trusted code only");
      case GVISOR_HOSTNET -> Optional.of("network calls reach the host's kernel");
      case GVISOR, MICROVM -> Optional.empty();
    };
  }

  /** The isolation of that label, case-sensitive. */
  public static Optional<Isolation> ofLabel(String label) {
    return Arrays.stream(values()).filter(value -> value.label.equals(label)).findFirst();
  }

  @Override
  public String toString() {
    return label;
  }
}
