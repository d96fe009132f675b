package dev.sandpool.cli.command;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.rest.Connection;
import dev.sandpool.cli.rest.Context;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.JsonNode;

/** One command: its options are fields, its work is {@link #run}. */
public abstract class Command implements Callable<Integer> {
  @Mixin private final GlobalOptions global = new GlobalOptions();

  private final Shell shell;
  private @Nullable Connection connection;

  protected Command(Shell shell) {
    this.shell = shell;
  }

  /**
   * Does the work.
   *
   * @throws dev.sandpool.cli.Failure to end with an ERROR line
   */
  protected abstract void run() throws Exception;

  @Override
  public final Integer call() throws Exception {
    global.check();
    run();
    return 0;
  }

  /** Whether the user wants to see where something broke. */
  public final boolean debug() {
    return global.debug;
  }

  /** The surroundings; with --only-show-errors nothing written to its error stream is seen. */
  protected final Shell shell() {
    return global.onlyShowErrors ? shell.silenced() : shell;
  }

  /** The surroundings in which the user can always be asked. */
  protected final Shell prompting() {
    return shell;
  }

  /** The subscription as typed, null where none was. */
  protected final @Nullable String typedSubscription() {
    return global.subscription;
  }

  /** The subscription typed, else the one set, else the login's. */
  protected final String subscription(Context context) {
    return Defaults.of(shell).subscription(global.subscription, context);
  }

  /** The login, found at first use, so that a wrong command line is told first. */
  protected final Connection connection() {
    Connection current = connection;
    if (current == null) {
      Context context = Context.find(shell);
      current = new Connection(shell(), context, subscription(context), global.trace());
      connection = current;
    }
    return current;
  }

  /** Writes the answer as the user wants it. */
  protected final void print(JsonNode answer) {
    global.print(shell, answer, tableColumns());
  }

  /** The query whose result a table shows; null shows all plain properties. */
  protected @Nullable String tableColumns() {
    return null;
  }

  /** The group that was typed, or else the configured one. */
  protected final String group(@Nullable String typed) {
    return Defaults.of(shell).group(typed);
  }
}
