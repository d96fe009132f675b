package dev.sandpool.server.time;

import java.time.Duration;

/**
 * How long tests wait for what happens soon: the usual time, multiplied by the system property
 * {@code sandpool.test.patience} (1 where it is not set) on hosts that are as slow as an emulated
 * processor.
 */
public final class Patience {
  private static final int FACTOR = Integer.getInteger("sandpool.test.patience", 1);

  private Patience() {}

  /** That time on a usual host, and as much longer as this one is slower. */
  public static Duration of(Duration usual) {
    return usual.multipliedBy(FACTOR);
  }
}
