package dev.sandpool.cli;

import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.command.CompletionCommand;
import dev.sandpool.cli.command.ConfigureCommand;
import dev.sandpool.cli.command.DoctorCommand;
import dev.sandpool.cli.command.LogsCommand;
import dev.sandpool.cli.command.ServeCommand;
import dev.sandpool.cli.command.TokenCommand;
import dev.sandpool.cli.command.VersionCommand;
import dev.sandpool.cli.environment.EnvCreate;
import dev.sandpool.cli.environment.EnvDelete;
import dev.sandpool.cli.environment.EnvList;
import dev.sandpool.cli.environment.EnvShow;
import dev.sandpool.cli.image.ImageImport;
import dev.sandpool.cli.image.ImageList;
import dev.sandpool.cli.image.ImageRemove;
import dev.sandpool.cli.pool.PoolCreate;
import dev.sandpool.cli.pool.PoolDelete;
import dev.sandpool.cli.pool.PoolList;
import dev.sandpool.cli.pool.PoolShow;
import dev.sandpool.cli.pool.PoolUpdate;
import dev.sandpool.cli.session.SessionList;
import dev.sandpool.cli.session.SessionShow;
import dev.sandpool.cli.session.SessionStop;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * All commands by name. Only the one that is called is built, because building all of them by
 * reflection takes longer than most commands take to run; help and misspellings get the whole tree.
 */
final class CommandTree {
  private record Group(String description, Map<String, Function<Shell, Command>> commands) {}

  private final Shell shell;
  private final Map<String, Group> groups = new LinkedHashMap<>();
  private final Map<String, Function<Shell, Command>> commands = new LinkedHashMap<>();

  CommandTree(Shell shell) {
    this.shell = shell;
    commands.put("serve", ServeCommand::new);
    commands.put("doctor", DoctorCommand::new);
    group("env", "Environments, in which pools run.")
        .with("create", EnvCreate::new)
        .with("show", EnvShow::new)
        .with("list", EnvList::new)
        .with("delete", EnvDelete::new);
    group("sessionpool", "Session pools: an image, how many sandboxes of it, how long they live.")
        .with("create", PoolCreate::new)
        .with("show", PoolShow::new)
        .with("update", PoolUpdate::new)
        .with("list", PoolList::new)
        .with("delete", PoolDelete::new);
    group("session", "The sessions of a pool.")
        .with("list", SessionList::new)
        .with("show", SessionShow::new)
        .with("stop", SessionStop::new);
    commands.put("logs", LogsCommand::new);
    group("image", "Images that the server keeps.")
        .with("list", ImageList::new)
        .with("import", ImageImport::new)
        .with("remove", ImageRemove::new);
    commands.put("token", TokenCommand::new);
    commands.put("version", VersionCommand::new);
    commands.put("configure", ConfigureCommand::new);
    commands.put("completion", s -> new CompletionCommand(s, () -> new CommandTree(s).whole()));
  }

  /** Adds commands to one group. */
  private record Adder(Map<String, Function<Shell, Command>> commands) {
    Adder with(String name, Function<Shell, Command> command) {
      commands.put(name, command);
      return this;
    }
  }

  private Adder group(String name, String description) {
    var group = new Group(description, new LinkedHashMap<>());
    groups.put(name, group);
    return new Adder(group.commands());
  }

  /** The branch that these arguments name, or everything. */
  CommandLine forArguments(String[] args) {
    @Nullable Function<Shell, Command> alone = args.length > 0 ? commands.get(args[0]) : null;
    if (alone != null) {
      return root().addSubcommand(args[0], alone.apply(shell));
    }
    @Nullable Group group = args.length > 1 ? groups.get(args[0]) : null;
    @Nullable Function<Shell, Command> named = group == null ? null : group.commands().get(args[1]);
    if (group == null || named == null) {
      return whole();
    }
    var only = new Group(group.description(), Map.of(args[1], named));
    return root().addSubcommand(args[0], build(args[0], only));
  }

  /** Everything. */
  CommandLine whole() {
    CommandLine root = root();
    commands.forEach((name, command) -> root.addSubcommand(name, command.apply(shell)));
    groups.forEach((name, group) -> root.addSubcommand(name, build(name, group)));
    return root;
  }

  private static CommandLine root() {
    var root = new CommandLine(new CommandGroup());
    root.setCommandName("sandpool");
    root.getCommandSpec()
        .usageMessage()
        .description("Isolated, short-lived containers behind one HTTP endpoint.")
        .footer(
            "",
            "Examples",
            "  sandpool env create -n my-environment -g my-group --location eastus",
            "  sandpool sessionpool list --output table",
            "",
            "The login is read from the file that SANDPOOL_CONTEXT names, else from the data",
            "directory's admin.json, else from ~/.config/sandpool/context.json.");
    return root;
  }

  private CommandLine build(String name, Group group) {
    var line = new CommandLine(new CommandGroup());
    group.commands().forEach((verb, command) -> line.addSubcommand(verb, command.apply(shell)));
    String first = group.commands().keySet().iterator().next();
    line.getCommandSpec()
        .usageMessage()
        .description(group.description())
        .footer("", "Examples", "  sandpool " + name + " " + first + " --help");
    return line;
  }
}
