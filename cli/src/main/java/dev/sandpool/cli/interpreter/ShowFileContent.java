package dev.sandpool.cli.interpreter;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.output.JsonText;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code sandpool session code-interpreter show-file-content}. */
@CommandLine.Command(
    name = "show-file-content",
    description = "Shows a text file of a session, as az does: as a JSON string.",
    footer = {
      "",
      "Examples",
      "  sandpool session code-interpreter show-file-content -n my-session-pool -g my-group \\",
      "      --identifier user-1 --filename example.txt",
    })
public final class ShowFileContent extends InterpreterCommand {
  @Mixin private final FileOptions file = new FileOptions();

  public ShowFileContent(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    // Quoted once here and once more by the output: scripts for az undo just that.
    var text = JsonNodeFactory.instance.stringNode(session().content(file.place()));
    print(JsonNodeFactory.instance.stringNode(JsonText.compact(text)));
  }
}
