package dev.sandpool.cli.command;

import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Name and group of the resource that a command is about. */
public final class NamedOptions {
  @Option(
      names = {"-n", "--name"},
      required = true,
      paramLabel = "NAME",
      description = "Its name.",
      order = 1)
  private String name = "";

  @Option(
      names = {"-g", "--resource-group"},
      paramLabel = "GROUP",
      description =
          "Its resource group. 'sandpool configure --defaults group=NAME' sets a default.",
      order = 2)
  private @Nullable String group;

  public String name() {
    return name;
  }

  /** As typed. */
  public @Nullable String group() {
    return group;
  }
}
