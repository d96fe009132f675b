package dev.sandpool.cli.account;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.Defaults;
import java.io.IOException;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;

/** {@code sandpool account set}. */
@CommandLine.Command(
    name = "set",
    description = "Sets the subscription that commands work in from now on.",
    footer = {
      "",
      "Examples",
      "  sandpool account set --subscription 11111111-2222-3333-4444-555555555555",
      "  sandpool account set --subscription \"\"",
    })
public final class AccountSet extends Command {
  private static final Pattern GUID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  @Option(
      names = {"-n", "--name"},
      paramLabel = "ID",
      description = "The same as --subscription.",
      order = 2)
  private @Nullable String name;

  @Option(names = "-s", paramLabel = "ID", description = "The same as --subscription.", order = 1)
  private @Nullable String brief;

  public AccountSet(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() throws IOException {
    String id = chosen();
    if (!id.isEmpty() && !GUID.matcher(id).matches()) {
      throw Failure.usage("--subscription: '" + id + "' is not a GUID; an empty one takes it back");
    }
    Defaults.of(shell()).chooseSubscription(id.toLowerCase(Locale.ROOT));
  }

  private String chosen() {
    for (String typed : new @Nullable String[] {typedSubscription(), brief, name}) {
      if (typed != null) {
        return typed;
      }
    }
    throw Failure.usage("the following arguments are required: --subscription/-s");
  }
}
