package dev.sandpool.cli.command;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code sandpool version}. */
@CommandLine.Command(
    name = "version",
    description = "Shows the versions of client and server and how sandboxes are isolated.",
    footer = {"", "Examples", "  sandpool version", "  sandpool version --query isolation -o tsv"})
public final class VersionCommand extends Command {
  public VersionCommand(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    var versions = JsonNodeFactory.instance.objectNode();
    @Nullable String own = VersionCommand.class.getPackage().getImplementationVersion();
    versions.put("client", own == null ? "development" : own);
    JsonNode server = JsonNodeFactory.instance.objectNode();
    try {
      server = connection().arm().get("/sandpool/version");
    } catch (Failure e) {
      // The client's own version is worth showing without a server.
      shell().err().println(e.text().replaceFirst("ERROR", "WARNING"));
    }
    versions.set("server", orNull(server, "version"));
    for (String key : new String[] {"isolation", "isolationCaution", "runtime", "instance"}) {
      versions.set(key, orNull(server, key));
    }
    print(versions);
  }

  private static JsonNode orNull(JsonNode json, String key) {
    return json.has(key) ? json.path(key) : JsonNodeFactory.instance.nullNode();
  }
}
