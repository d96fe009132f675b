package dev.sandpool.cli.interpreter;

import dev.sandpool.cli.rest.Interpreter;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which of a session's files a command is about. */
final class FileOptions {
  @Option(
      names = "--filename",
      required = true,
      paramLabel = "NAME",
      description = "The file's name; a folder may stand before it.",
      order = 4)
  private String filename = "";

  @Option(
      names = "--path",
      paramLabel = "FOLDER",
      description = "The file's folder. Default: the session's own, /mnt/data.",
      order = 5)
  private @Nullable String path;

  Interpreter.Place place() {
    return Interpreter.Place.of(path, filename);
  }
}
