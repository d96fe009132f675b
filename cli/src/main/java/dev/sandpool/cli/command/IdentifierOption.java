package dev.sandpool.cli.command;

import picocli.CommandLine.Option;

/** The session that a command is about. */
public final class IdentifierOption {
  @Option(
      names = {"-i", "--identifier"},
      required = true,
      paramLabel = "ID",
      description = "The session's identifier.",
      order = 3)
  private String identifier = "";

  /** As typed. */
  public String value() {
    return identifier;
  }
}
