package dev.sandpool.cli.image;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;

/** {@code sandpool image list}. */
@CommandLine.Command(
    name = "list",
    description = "Lists the images that the server keeps.",
    footer = {"", "Examples", "  sandpool image list --output table"})
public final class ImageList extends Command {
  public ImageList(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    JsonNode answer = connection().arm().get("/sandpool/images");
    print(answer.has("value") ? answer.path("value") : answer);
  }
}
