package dev.sandpool.cli.ad;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import java.io.IOException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** {@code sandpool ad sp credential reset}. */
@CommandLine.Command(
    name = "reset",
    description = "Gives a service principal a new secret or certificate, in place of all it has.",
    footer = {
      "",
      "Examples",
      "  sandpool ad sp credential reset --id 11111111-2222-3333-4444-555555555555 --append"
    })
public final class CredentialReset extends Command {
  @Mixin private final IdOption which = new IdOption();
  @Mixin private final CredentialOptions credential = new CredentialOptions();

  @Option(names = "--append", description = "Keeps those that it has.", order = 12)
  private boolean append;

  public CredentialReset(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() throws IOException {
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("append", append);
    credential.addTo(body);
    JsonNode made = connection().arm().post(Principal.credentials(which.id), body);
    ObjectNode shown = JsonNodeFactory.instance.objectNode();
    for (String key : List.of("appId", "password", "tenant")) {
      if (made.has(key)) {
        shown.set(key, made.path(key));
      }
    }
    print(shown);
  }
}
