package dev.sandpool.cli.interpreter;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code sandpool session code-interpreter upload-file}. */
@CommandLine.Command(
    name = "upload-file",
    description = "Stores a file in a session.",
    footer = {
      "",
      "Examples",
      "  sandpool session code-interpreter upload-file -n my-session-pool -g my-group \\",
      "      --identifier user-1 --filepath example.txt --path my-directory",
    })
public final class UploadFile extends InterpreterCommand {
  @Option(
      names = "--filepath",
      required = true,
      paramLabel = "FILE",
      description = "The file here.",
      order = 4)
  private Path file = Path.of("");

  @Option(
      names = "--path",
      paramLabel = "FOLDER",
      description = "Where to. Default: the session's own folder, /mnt/data.",
      order = 5)
  private @Nullable String path;

  public UploadFile(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() throws IOException {
    if (!Files.isRegularFile(file)) {
      throw Failure.usage("--filepath: there is no file " + file);
    }
    var stored = session().upload(file, path);
    say("upload success");
    print(stored);
  }
}
