package dev.sandpool.server.workload;

import java.time.Duration;
import java.time.Instant;

/** A token for a container; {@link #toString} keeps it. */
public record WorkloadToken(String value, Instant issued, Instant expires) {
  /** Whether it is worth handing out again: more than half of its life is left. */
  boolean fresh(Instant now) {
    Duration life = Duration.between(issued, expires);
    return now.isBefore(issued.plus(life.dividedBy(2)));
  }

  @Override
  public String toString() {
    return "WorkloadToken[" + expires + "]";
  }
}
