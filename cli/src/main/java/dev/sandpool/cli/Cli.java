package dev.sandpool.cli;

import dev.sandpool.cli.command.Command;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Runs one command line and turns whatever happens into an exit code and at most one ERROR line.
 */
public final class Cli {
  private final Shell shell;

  public Cli(Shell shell) {
    this.shell = shell;
  }

  /** The exit code: 0, 1 failed, 2 wrong command line, 3 not found. */
  public int run(String... args) {
    CommandLine line = new CommandTree(shell).forArguments(args);
    // An argument @FILE is for --registry-password, not a file of more arguments.
    line.setExpandAtFiles(false);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setExecutionStrategy(
        parsed -> {
          refuseSwallowed(parsed, List.of(args));
          return new CommandLine.RunLast().execute(parsed);
        });
    line.setUsageHelpAutoWidth(false).setUsageHelpWidth(100);
    line.setOut(writer(true)).setErr(writer(false));
    line.setParameterExceptionHandler((e, given) -> usage(e));
    line.setExecutionExceptionHandler((e, where, result) -> failed(e, where.getCommand()));
    int code = line.execute(args);
    shell.out().flush();
    return code;
  }

  /**
   * A misspelled option must not become one more value of --args or --env-vars before it; a word
   * that really begins so is attached, as in {@code --args=--verbose}.
   */
  private static void refuseSwallowed(ParseResult parsed, List<String> args) {
    ParseResult deepest = parsed;
    while (deepest.hasSubcommand()) {
      deepest = deepest.subcommand();
    }
    for (OptionSpec option : deepest.matchedOptions()) {
      for (String value :
          option.isMultiValue() ? option.originalStringValues() : List.<String>of()) {
        if (value.startsWith("--") && args.contains(value)) {
          throw new UnmatchedArgumentException(deepest.commandSpec().commandLine(), List.of(value));
        }
      }
    }
  }

  private PrintWriter writer(boolean out) {
    var stream = out ? shell.out() : shell.err();
    return new PrintWriter(new OutputStreamWriter(stream, StandardCharsets.UTF_8), true);
  }

  private int usage(ParameterException e) {
    CommandLine line = e.getCommandLine();
    shell.err().println("ERROR: " + explain(e));
    if (e instanceof UnmatchedArgumentException unmatched && takesCommand(line)) {
      List<String> near = unmatched.getSuggestions();
      if (!near.isEmpty()) {
        shell.err().println("  Did you mean: " + String.join(", ", near) + "?");
      }
    }
    shell
        .err()
        .println("  " + line.getCommandSpec().qualifiedName() + " --help shows what there is.");
    return Failure.USAGE;
  }

  /** What is wrong, without quoting what may be half of a password. */
  private static String explain(ParameterException e) {
    if (!(e instanceof UnmatchedArgumentException unmatched)
        || unmatched.getUnmatched().isEmpty()) {
      return String.valueOf(e.getMessage()).lines().findFirst().orElse("wrong command line");
    }
    String first = unmatched.getUnmatched().getFirst();
    if (first.startsWith("-")) {
      return "unknown option '" + first.replaceFirst("=.*", "") + "'";
    }
    return takesCommand(e.getCommandLine())
        ? "unknown command '" + first + "'"
        : "an argument that belongs to no option (is a value in need of quotes?)";
  }

  private static boolean takesCommand(CommandLine line) {
    return line.getCommand() instanceof CommandGroup;
  }

  private int failed(Exception e, Object command) {
    boolean debug = command instanceof Command typed && typed.debug();
    int code = Failure.ERROR;
    if (e instanceof Failure failure) {
      shell.err().println(failure.text());
      code = failure.exitCode();
    } else {
      String message =
          e.getMessage() == null ? "" : ": " + e.getMessage().lines().findFirst().orElse("");
      shell.err().println("ERROR: (" + e.getClass().getSimpleName() + ")" + message);
      shell.err().println(debug ? "  where it broke:" : "  --debug shows where it broke.");
    }
    if (debug) {
      e.printStackTrace(shell.err());
    }
    return code;
  }
}
