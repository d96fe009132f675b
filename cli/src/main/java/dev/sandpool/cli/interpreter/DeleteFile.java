package dev.sandpool.cli.interpreter;

import dev.sandpool.cli.Shell;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/** {@code sandpool session code-interpreter delete-file}. */
@CommandLine.Command(
    name = "delete-file",
    description = "Deletes a file of a session.",
    footer = {
      "",
      "Examples",
      "  sandpool session code-interpreter delete-file -n my-session-pool -g my-group \\",
      "      --identifier user-1 --filename example.txt --path my-directory",
    })
public final class DeleteFile extends InterpreterCommand {
  @Mixin private final FileOptions file = new FileOptions();

  public DeleteFile(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    session().delete(file.place());
    say("file successfully deleted");
  }
}
