package dev.sandpool.cli.pool;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.NamedOptions;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** {@code sandpool sessionpool settings show}. */
@CommandLine.Command(
    name = "show",
    description = "Shows a pool's settings that the contract has no property for.",
    footer = {
      "",
      "Examples",
      "  sandpool sessionpool settings show -n my-session-pool -g my-group --query properties",
    })
public final class SettingsShow extends Command {
  static final String COLUMNS =
      "properties.{Isolation: isolation, IdleStreamSeconds: idleStreamSeconds,"
          + " SessionOperations: sessionOperations, IngressProtocol: ingressProtocol,"
          + " PingsKeepAlive: pingsKeepAlive,"
          + " AllocationsPerMinute: allocationsPerMinute, RequestsPerSecond: requestsPerSecond,"
          + " RequestsInFlight: requestsInFlight, Connections: connections,"
          + " BrowserSandbox: browserSandbox,"
          + " AllowedOrigins: join(' ', allowedOrigins),"
          + " CustomDomains: join(' ', customDomains),"
          + " SnapshotStart: snapshotStart}";

  @Mixin private final NamedOptions named = new NamedOptions();

  public SettingsShow(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    String group = group(named.group());
    print(connection().arm().get(connection().ids().settings(group, named.name())));
  }

  @Override
  protected String tableColumns() {
    return COLUMNS;
  }
}
