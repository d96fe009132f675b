package dev.sandpool.cli.image;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.rest.Problems;
import dev.sandpool.cli.rest.Progress;
import dev.sandpool.model.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code sandpool image import}. */
@CommandLine.Command(
    name = "import",
    description = "Takes an OCI or docker archive in, for machines without a registry.",
    footer = {"", "Examples", "  sandpool image import agent.tar --name agent:1.0"})
public final class ImageImport extends Command {
  @Parameters(
      paramLabel = "FILE",
      description = "The archive; only you need to be able to read it.")
  private Path file = Path.of("");

  @Option(
      names = {"-n", "--name"},
      required = true,
      paramLabel = "REF",
      description = "The name that pools give as --image.",
      order = 1)
  private String name = "";

  public ImageImport(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() throws IOException {
    long size = size();
    try (var progress = new Progress(shell(), name);
        var upload = Upload.begin(connection().arm(), size)) {
      upload.send(file, progress);
      print(take(upload, progress));
    }
  }

  private long size() throws IOException {
    if (!Files.isReadable(file)) {
      throw Failure.usage(
          Files.exists(file) ? "you may not read " + file : "there is no file " + file);
    }
    if (!Files.isRegularFile(file) || Files.size(file) == 0) {
      throw Failure.usage(file + " is not an archive but a folder, a device or empty");
    }
    return Files.size(file);
  }

  private JsonNode take(Upload upload, Progress progress) throws IOException {
    var body = JsonNodeFactory.instance.objectNode();
    body.put("upload", upload.id()).put("name", name);
    try (var answer = connection().arm().stream("/sandpool/images/import", body);
        var lines =
            new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
      upload.handedOver();
      return end(lines, progress);
    }
  }

  private static JsonNode end(BufferedReader lines, Progress progress) throws IOException {
    @Nullable String line = lines.readLine();
    while (line != null) {
      JsonNode step = Json.MAPPER.readTree(line.isBlank() ? "{}" : line);
      if (step.has("error")) {
        throw Problems.of(step.path("error"), "ImageImportFailed", false);
      }
      if (step.has("image")) {
        return step.path("image");
      }
      if (step.has("step")) {
        progress.show(step.path("step").asString(""));
      }
      line = lines.readLine();
    }
    throw Failure.error("ImageImportFailed", "the server ended its answer before the import's end");
  }
}
