package dev.sandpool.cli.pool;

import dev.sandpool.cli.Failure;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How many sandboxes there are, how long they live and what they reach. */
final class ScaleOptions {
  private static final String TIMED = "Timed";
  private static final String ON_EXIT = "OnContainerExit";

  @Option(
      names = "--max-sessions",
      paramLabel = "COUNT",
      description = "Sessions at the same time. Default: 10.",
      order = 30)
  @Nullable Integer maxSessions;

  @Option(
      names = "--ready-sessions",
      paramLabel = "COUNT",
      description = "Sandboxes that wait ready. Default: 5.",
      order = 31)
  @Nullable Integer readySessions;

  @Option(
      names = "--lifecycle-type",
      // Not TYPE: the completion script names its lists by label, and there is one of that name.
      paramLabel = "LIFECYCLE",
      completionCandidates = Choices.Lifecycles.class,
      description = "${COMPLETION-CANDIDATES}. Default: Timed, or what the period given implies.",
      order = 32)
  @Nullable String lifecycleType;

  @Option(
      names = "--cooldown-period",
      paramLabel = "SECONDS",
      description = "A session ends after this time without a request. Default: 300.",
      order = 33)
  @Nullable Integer cooldownPeriod;

  @Option(
      names = "--max-alive-period",
      paramLabel = "SECONDS",
      description = "With OnContainerExit: a session ends after this time. Default: 3600.",
      order = 34)
  @Nullable Integer maxAlivePeriod;

  @Option(
      names = "--network-status",
      paramLabel = "STATUS",
      completionCandidates = Choices.Networks.class,
      description = "${COMPLETION-CANDIDATES}. Default: EgressDisabled.",
      order = 35)
  @Nullable String networkStatus;

  /** Checks what can be checked without a server (contract 4). */
  void validate() {
    String type = lifecycle();
    if (maxAlivePeriod != null && cooldownPeriod != null) {
      throw Failure.usage(
          "--max-alive-period and --cooldown-period cannot be set at the same time.");
    }
    if (maxAlivePeriod != null && type != null && !type.equals(ON_EXIT)) {
      throw Failure.usage(
          "--max-alive-period can only be set when --lifecycle-type is 'OnContainerExit'.");
    }
    if (cooldownPeriod != null && type != null && !type.equals(TIMED)) {
      throw Failure.usage("--cooldown-period can only be set when --lifecycle-type is 'Timed'.");
    }
    network();
  }

  void validateForOtherType(String containerType) {
    String type = lifecycle();
    if (type != null && !type.equals(TIMED)) {
      throw Failure.usage(
          "The container type " + containerType + " only supports lifecycle type 'Timed'.");
    }
    if (maxAlivePeriod != null) {
      throw Failure.usage(
          "The container type " + containerType + " does not support --max-alive-period.");
    }
  }

  /** The type typed, or the one that the periods imply. */
  String inferredLifecycle() {
    String type = lifecycle();
    return type != null ? type : maxAlivePeriod != null ? ON_EXIT : TIMED;
  }

  /** The type in the contract's spelling, null where none was typed. */
  @Nullable String lifecycle() {
    return new Choices.Lifecycles().spelled("--lifecycle-type", lifecycleType);
  }

  /** The status in the contract's spelling, null where none was typed. */
  @Nullable String network() {
    return new Choices.Networks().spelled("--network-status", networkStatus);
  }
}
