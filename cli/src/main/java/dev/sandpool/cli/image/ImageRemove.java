package dev.sandpool.cli.image;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import picocli.CommandLine;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code sandpool image remove}. */
@CommandLine.Command(
    name = "remove",
    description = "Removes an image that no pool uses.",
    footer = {"", "Examples", "  sandpool image remove agent:1.0"})
public final class ImageRemove extends Command {
  @Parameters(paramLabel = "NAME", description = "The image's name.")
  private String name = "";

  public ImageRemove(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    var body = JsonNodeFactory.instance.objectNode().put("name", name);
    connection().arm().post("/sandpool/images/remove", body);
    shell().err().println("Image '" + name + "' removed");
  }
}
