package dev.sandpool.cli.ad;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import picocli.CommandLine;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code sandpool ad rotate-signing-key}. */
@CommandLine.Command(
    name = "rotate-signing-key",
    description = {
      "Has the built-in authority sign with a new key from now on; tokens of the former one stay",
      "good until they end."
    },
    footer = {"", "Examples", "  sandpool ad rotate-signing-key"})
public final class RotateSigningKey extends Command {
  public RotateSigningKey(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    connection().arm().post("/sandpool/signing-keys/rotate", JsonNodeFactory.instance.objectNode());
  }
}
