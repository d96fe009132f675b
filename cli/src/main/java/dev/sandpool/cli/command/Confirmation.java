package dev.sandpool.cli.command;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Asks before something is lost. */
public final class Confirmation {
  @Option(
      names = {"-y", "--yes"},
      description = "Does not ask.",
      order = 10)
  private boolean yes;

  /**
   * Returns if the user agrees.
   *
   * @throws Failure if not, or if there is nobody to ask
   */
  public void ask(Shell shell) throws IOException {
    if (yes) {
      return;
    }
    if (!shell.streams().terminalIn()) {
      throw Failure.usage("Unable to prompt for confirmation as no tty available. Use --yes.");
    }
    shell.err().print("Are you sure you want to perform this operation? (y/n): ");
    shell.err().flush();
    var reader =
        new BufferedReader(new InputStreamReader(shell.streams().in(), StandardCharsets.UTF_8));
    @Nullable String answer = reader.readLine();
    if (answer == null || !answer.strip().toLowerCase(Locale.ROOT).startsWith("y")) {
      throw Failure.error("Cancelled", "nothing was deleted");
    }
  }
}
