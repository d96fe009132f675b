package dev.sandpool.cli.command;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.rest.Arm;

/** Shows a {@code usages} list: how much of a quota is asked for. */
public abstract class UsagesCommand extends Command {
  protected UsagesCommand(Shell shell) {
    super(shell);
  }

  /** The path of what the quotas are of. */
  protected abstract String of();

  @Override
  protected final void run() {
    String path = of() + "/usages?api-version=" + Arm.API_VERSION;
    print(connection().arm().get(path).path("value"));
  }

  @Override
  protected final String tableColumns() {
    return "[].{name: name.value, current: currentValue, limit: limit}";
  }
}
