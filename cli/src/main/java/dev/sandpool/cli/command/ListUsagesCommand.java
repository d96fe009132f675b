package dev.sandpool.cli.command;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.rest.Ids;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code sandpool list-usages}. */
@CommandLine.Command(
    name = "list-usages",
    description = {
      "Shows how much of its quotas the pools of a subscription ask for; a limit of -1 is none."
    },
    footer = {
      "",
      "Examples",
      "  sandpool list-usages --output table",
      "  sandpool list-usages --location eastus --subscription"
          + " 11111111-2222-3333-4444-555555555555",
    })
public final class ListUsagesCommand extends UsagesCommand {
  @Option(
      names = {"-l", "--location"},
      paramLabel = "LOCATION",
      description = "Makes no difference: quotas are of the whole subscription.",
      order = 1)
  private String location = "";

  public ListUsagesCommand(Shell shell) {
    super(shell);
  }

  @Override
  protected String of() {
    String typed = location.isEmpty() ? Defaults.of(shell()).get("location") : location;
    return connection().ids().group("")
        + "/providers/Microsoft.App/locations/"
        + Ids.segment(typed.isEmpty() ? "global" : typed.replace(" ", ""));
  }
}
