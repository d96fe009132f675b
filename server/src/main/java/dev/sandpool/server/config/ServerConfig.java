package dev.sandpool.server.config;

import java.nio.file.Path;

/**
 * The whole configuration: one record a concern, all values checked, all defaults filled in.
 *
 * @param run what only the command line says
 */
public record ServerConfig(
    Run run,
    ServerSettings server,
    LimitSettings limits,
    AllocationSettings allocation,
    EngineSettings engine,
    NetworkSettings network,
    ImageSettings images,
    GatewaySettings gateway,
    IdentitySettings identity,
    AuditSettings audit,
    MetricsSettings metrics,
    LogSettings logs,
    UsageSettings usage,
    ExportSettings export) {

  /**
   * How this run differs from the next one.
   *
   * @param dataDirectory where everything durable is
   * @param dev whether the fixed token is accepted and minima are lowered
   * @param sandboxes what becomes of sandboxes when the server ends
   */
  public record Run(Path dataDirectory, boolean dev, AtExit sandboxes) {}

  /** What becomes of sandboxes when the server ends. */
  public enum AtExit {
    /** They go on; the next server adopts them. */
    KEEP,
    /** They are stopped. */
    STOP
  }
}
