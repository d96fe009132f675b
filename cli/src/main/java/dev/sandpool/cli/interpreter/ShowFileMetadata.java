package dev.sandpool.cli.interpreter;

import dev.sandpool.cli.Shell;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** {@code sandpool session code-interpreter show-file-metadata}. */
@CommandLine.Command(
    name = "show-file-metadata",
    description = "Shows size, type and time of a file of a session.",
    footer = {
      "",
      "Examples",
      "  sandpool session code-interpreter show-file-metadata -n my-session-pool -g my-group \\",
      "      --identifier user-1 --filename example.txt",
    })
public final class ShowFileMetadata extends InterpreterCommand {
  @Mixin private final FileOptions file = new FileOptions();

  public ShowFileMetadata(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    print(session().metadata(file.place()));
  }
}
