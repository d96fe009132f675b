package dev.sandpool.cli.ad;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.rest.Arm;
import dev.sandpool.cli.rest.Ids;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sandpool ad sp credential delete}. */
@CommandLine.Command(
    name = "delete",
    description = "Takes a secret or certificate from a service principal.",
    footer = {
      "",
      "Examples",
      "  sandpool ad sp credential delete --id 11111111-2222-3333-4444-555555555555 \\",
      "      --key-id 66666666-7777-8888-9999-000000000000"
    })
public final class CredentialDelete extends Command {
  @Mixin private final IdOption which = new IdOption();

  @Option(
      names = "--key-id",
      required = true,
      paramLabel = "ID",
      description = "The credential's keyId, as show tells it.",
      order = 2)
  private String key = "";

  public CredentialDelete(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    String path = Principal.credentials(which.id) + "/" + Ids.segment(key);
    if (!connection().arm().delete(path, new Arm.Waiting(false, key))) {
      throw Failure.usage("--key-id: there is no credential '" + key + "'");
    }
  }
}
