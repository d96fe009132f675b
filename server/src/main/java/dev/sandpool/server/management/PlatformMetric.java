package dev.sandpool.server.management;

import dev.sandpool.server.metrics.History;
import java.util.Arrays;
import java.util.Optional;

/** The platform's metrics of a session pool (contract 7). */
enum PlatformMetric {
  EXECUTING("PoolExecutingPodCount", "Executing Sessions Count", History.Series.EXECUTING),
  PENDING("PoolPendingPodCount", "Creating Sessions Count", History.Series.PENDING),
  READY("PoolReadyPodCount", "Ready Sessions Count", History.Series.READY);

  /** Under which they are found. */
  static final String NAMESPACE = "Microsoft.App/sessionpools";

  static final String CATEGORY = "Customer Container Session Pool";
  static final String DIMENSION = "poolName";

  private final String wireName;
  private final String display;
  private final History.Series series;

  PlatformMetric(String wireName, String display, History.Series series) {
    this.wireName = wireName;
    this.display = display;
    this.series = series;
  }

  String wireName() {
    return wireName;
  }

  String display() {
    return display;
  }

  History.Series series() {
    return series;
  }

  static Optional<PlatformMetric> of(String name) {
    return Arrays.stream(values()).filter(one -> one.wireName.equalsIgnoreCase(name)).findFirst();
  }
}
