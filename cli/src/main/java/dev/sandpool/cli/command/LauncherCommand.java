package dev.sandpool.cli.command;

import dev.sandpool.cli.Failure;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * A command that the launcher starts without us; here for the help and for completion.
 *
 * @param program what the launcher starts
 */
public record LauncherCommand(String program) implements Runnable {
  @Override
  public void run() {
    throw Failure.usage(program + " is started by the launcher 'sandpool', not by this program");
  }

  /** {@code sandpool doctor}, which needs no server. */
  public static CommandSpec doctor() {
    return spec(
            "the doctor",
            "Checks this host; needs no server.",
            "  sandpool doctor",
            "  sandpool doctor --output json",
            "  sandpool doctor --fix")
        .addOption(value("--config", "FILE", "The server's configuration."))
        .addOption(dataDirectory())
        .addOption(value("--listen", "HOST:PORT", "Where it is to listen."))
        .addOption(value("--management-listen", "HOST:PORT", "Where its management is to listen."))
        .addOption(flag("--plain-http", "Whether it is to listen without TLS all the same."))
        .addOption(flag("--fix", "Removes what dead servers left behind, and what is easily set."))
        .addOption(value("--instance", "ID", "With --fix: a server that is gone for good."))
        .addOption(value("--output", "FORMAT", "table or json.", "table", "json"));
  }

  /** {@code sandpool certs}, which needs no server. */
  public static CommandSpec certs() {
    return spec(
            "the maker of certificates",
            "Makes a certificate for a server, and an authority for development that signs it.",
            "  sandpool certs",
            "  sandpool certs sandboxes.test '*.env.sandboxes.test' --to ./certs")
        .addOption(value("--to", "DIR", "Where the files are."))
        .addOption(value("--days", "N", "How long it is good."))
        .addPositional(
            PositionalParamSpec.builder()
                .index("0..*")
                .paramLabel("NAME")
                .type(String[].class)
                .description("A host name, *.DOMAIN or an address; loopback is always one.")
                .build());
  }

  /** {@code sandpool backup}, while the server runs or not. */
  public static CommandSpec backup() {
    return spec(
            "the maker of backups",
            "Writes the ledger to a file, also while the server runs; the data key is not in it.",
            "  sandpool backup /var/backups/sandpool-2026-11-22.db")
        .addOption(dataDirectory())
        .addPositional(file("Where to; it must not be there yet."));
  }

  /** {@code sandpool restore}, while no server runs. */
  public static CommandSpec restore() {
    return spec(
            "the restorer of backups",
            "Puts a backup in the ledger's place, while no server runs.",
            "  sandpool restore /var/backups/sandpool-2026-11-22.db")
        .addOption(dataDirectory())
        .addPositional(file("The backup."));
  }

  /** {@code sandpool rotate-key}, while no server runs. */
  public static CommandSpec rotateKey() {
    return spec(
            "the changer of keys",
            "Makes a new data key and seals everything anew with it, while no server runs.",
            "  sandpool rotate-key --data-dir /var/lib/sandpool")
        .addOption(dataDirectory());
  }

  /** {@code sandpool reclaim}, while no server runs. */
  public static CommandSpec reclaim() {
    return spec(
            "the reclaimer",
            "Ends the sandboxes of a server that stays away; their sessions are lost.",
            "  sandpool reclaim --data-dir /var/lib/sandpool")
        .addOption(dataDirectory())
        .addOption(value("--config", "FILE", "The server's configuration."));
  }

  private static OptionSpec dataDirectory() {
    return value("--data-dir", "DIR", "The server's data directory.");
  }

  private static PositionalParamSpec file(String description) {
    return PositionalParamSpec.builder()
        .index("0")
        .paramLabel("FILE")
        .type(String.class)
        .description(description)
        .build();
  }

  /** {@code sandpool serve}. */
  public static CommandSpec server() {
    return spec(
            "the server",
            "Runs the server; more with the launcher's 'sandpool serve --help'.",
            "  sandpool serve --dev",
            "  sandpool serve --data-dir /var/lib/sandpool --listen 127.0.0.1:8080")
        .addOption(value("--config", "FILE", "Its configuration."))
        .addOption(value("--data-dir", "DIR", "Where it keeps everything."))
        .addOption(value("--listen", "HOST:PORT", "Where it listens."))
        .addOption(value("--management-listen", "HOST:PORT", "Where its management listens."))
        .addOption(flag("--dev", "For trying it out, on loopback only."))
        .addOption(flag("--plain-http", "Without TLS, whoever can reach it."))
        .addOption(value("--sandboxes", "FATE", "At its end: keep or stop.", "keep", "stop"));
  }

  private static CommandSpec spec(String program, String description, String... examples) {
    var footer = new String[examples.length + 2];
    footer[0] = "";
    footer[1] = "Examples";
    System.arraycopy(examples, 0, footer, 2, examples.length);
    CommandSpec spec = CommandSpec.wrapWithoutInspection(new LauncherCommand(program));
    spec.usageMessage().description(description).footer(footer);
    return spec.addOption(
        OptionSpec.builder("-h", "--help").usageHelp(true).description("Shows this help.").build());
  }

  private static OptionSpec flag(String name, String description) {
    return OptionSpec.builder(name).description(description).build();
  }

  private static OptionSpec value(
      String name, String label, String description, String... candidates) {
    var option =
        OptionSpec.builder(name)
            .arity("1")
            .type(String.class)
            .paramLabel(label)
            .description(description);
    if (candidates.length > 0) {
      option.completionCandidates(java.util.List.of(candidates));
    }
    return option.build();
  }
}
