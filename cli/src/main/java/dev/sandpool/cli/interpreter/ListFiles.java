package dev.sandpool.cli.interpreter;

import dev.sandpool.cli.Shell;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code sandpool session code-interpreter list-files}. */
@CommandLine.Command(
    name = "list-files",
    description = "Lists the files of a session.",
    footer = {
      "",
      "Examples",
      "  sandpool session code-interpreter list-files -n my-session-pool -g my-group \\",
      "      --identifier user-1 --query \"value[].name\" --output tsv",
    })
public final class ListFiles extends InterpreterCommand {
  @Option(
      names = "--path",
      paramLabel = "FOLDER",
      description = "Default: the session's own, /mnt/data.",
      order = 4)
  private @Nullable String path;

  public ListFiles(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    print(session().list(path));
  }

  @Override
  protected String tableColumns() {
    return "value[].{Name: name, Type: type, SizeInBytes: sizeInBytes, LastModifiedAt:"
        + " lastModifiedAt}";
  }
}
