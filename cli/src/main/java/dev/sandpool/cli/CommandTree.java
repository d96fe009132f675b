package dev.sandpool.cli;

import dev.sandpool.cli.account.AccountList;
import dev.sandpool.cli.account.AccountSet;
import dev.sandpool.cli.account.AccountShow;
import dev.sandpool.cli.account.AccountToken;
import dev.sandpool.cli.ad.CreateForRbac;
import dev.sandpool.cli.ad.CredentialDelete;
import dev.sandpool.cli.ad.CredentialReset;
import dev.sandpool.cli.ad.PrincipalDelete;
import dev.sandpool.cli.ad.PrincipalList;
import dev.sandpool.cli.ad.PrincipalShow;
import dev.sandpool.cli.ad.RotateSigningKey;
import dev.sandpool.cli.command.AuditCommand;
import dev.sandpool.cli.command.CompletionCommand;
import dev.sandpool.cli.command.ConfigureCommand;
import dev.sandpool.cli.command.LauncherCommand;
import dev.sandpool.cli.command.ListUsagesCommand;
import dev.sandpool.cli.command.LogsCommand;
import dev.sandpool.cli.command.TokenCommand;
import dev.sandpool.cli.command.UsageCommand;
import dev.sandpool.cli.command.VersionCommand;
import dev.sandpool.cli.environment.EnvCreate;
import dev.sandpool.cli.environment.EnvDelete;
import dev.sandpool.cli.environment.EnvList;
import dev.sandpool.cli.environment.EnvListUsages;
import dev.sandpool.cli.environment.EnvShow;
import dev.sandpool.cli.environment.EnvUpdate;
import dev.sandpool.cli.identity.IdentityCreate;
import dev.sandpool.cli.identity.IdentityDelete;
import dev.sandpool.cli.identity.IdentityList;
import dev.sandpool.cli.identity.IdentityShow;
import dev.sandpool.cli.image.ImageImport;
import dev.sandpool.cli.image.ImageList;
import dev.sandpool.cli.image.ImageRemove;
import dev.sandpool.cli.interpreter.DeleteFile;
import dev.sandpool.cli.interpreter.Execute;
import dev.sandpool.cli.interpreter.ListFiles;
import dev.sandpool.cli.interpreter.ShowFileContent;
import dev.sandpool.cli.interpreter.ShowFileMetadata;
import dev.sandpool.cli.interpreter.UploadFile;
import dev.sandpool.cli.monitor.LogAnalyticsQuery;
import dev.sandpool.cli.pool.PoolCreate;
import dev.sandpool.cli.pool.PoolDelete;
import dev.sandpool.cli.pool.PoolList;
import dev.sandpool.cli.pool.PoolListUsages;
import dev.sandpool.cli.pool.PoolShow;
import dev.sandpool.cli.pool.PoolUpdate;
import dev.sandpool.cli.pool.SettingsShow;
import dev.sandpool.cli.pool.SettingsUpdate;
import dev.sandpool.cli.role.AssignmentCreate;
import dev.sandpool.cli.role.AssignmentDelete;
import dev.sandpool.cli.role.AssignmentList;
import dev.sandpool.cli.role.DefinitionList;
import dev.sandpool.cli.session.SessionList;
import dev.sandpool.cli.session.SessionShow;
import dev.sandpool.cli.session.SessionStop;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;

/**
 * All commands by name. Only the one that is called is built, because building all of them by
 * reflection takes longer than most commands take to run; help and misspellings get the whole tree.
 */
final class CommandTree {
  private sealed interface Node {}

  /** Makes a command, annotated or as a spec. */
  private record Leaf(Function<Shell, Object> command) implements Node {}

  private record Group(String description, List<String> examples, Map<String, Node> children)
      implements Node {
    Group(String description, String... examples) {
      this(description, List.of(examples), new LinkedHashMap<>());
    }

    Group with(String name, Function<Shell, Object> command) {
      children.put(name, new Leaf(command));
      return this;
    }

    Group with(String name, Group group) {
      children.put(name, group);
      return this;
    }
  }

  private final Shell shell;
  private final Group root;

  CommandTree(Shell shell) {
    this.shell = shell;
    this.root =
        new Group(
                "Isolated, short-lived containers behind one HTTP endpoint.",
                "sandpool env create -n my-environment -g my-group --location eastus",
                "sandpool sessionpool list --output table")
            .with("serve", s -> LauncherCommand.server())
            .with("doctor", s -> LauncherCommand.doctor())
            .with("certs", s -> LauncherCommand.certs())
            .with("backup", s -> LauncherCommand.backup())
            .with("restore", s -> LauncherCommand.restore())
            .with("rotate-key", s -> LauncherCommand.rotateKey())
            .with("reclaim", s -> LauncherCommand.reclaim())
            .with("env", environments())
            .with("sessionpool", pools())
            .with("session", sessions())
            .with("logs", LogsCommand::new)
            .with("audit", AuditCommand::new)
            .with("usage", UsageCommand::new)
            .with("list-usages", ListUsagesCommand::new)
            .with(
                "monitor",
                new Group(
                        "Stored logs, as az names the commands.",
                        "sandpool monitor log-analytics query -w WORKSPACE_ID \\",
                        "    --analytics-query \"AppEnvSessionConsoleLogs | take 9\"")
                    .with(
                        "log-analytics",
                        new Group(
                                "Queries of stored logs.",
                                "sandpool monitor log-analytics query -w WORKSPACE_ID \\",
                                "    --analytics-query \"AppEnvSessionConsoleLogs | count\"")
                            .with("query", LogAnalyticsQuery::new)))
            .with("image", images())
            .with("identity", identities())
            .with("account", accounts())
            .with("ad", directory())
            .with("role", roles())
            .with("token", TokenCommand::new)
            .with("configure", ConfigureCommand::new)
            .with("completion", s -> new CompletionCommand(s, () -> new CommandTree(s).whole()))
            .with("version", VersionCommand::new);
  }

  private static Group environments() {
    return new Group(
            "Environments, in which pools run.",
            "sandpool env create -n my-environment -g my-group --location eastus",
            "sandpool env list --output table")
        .with("create", EnvCreate::new)
        .with("update", EnvUpdate::new)
        .with("show", EnvShow::new)
        .with("list", EnvList::new)
        .with("list-usages", EnvListUsages::new)
        .with("delete", EnvDelete::new);
  }

  private static Group pools() {
    return new Group(
            "Session pools: an image, how many sandboxes of it, how long they live.",
            "sandpool sessionpool create -n mypool -g my-group --environment my-environment \\",
            "    --image agent:1.0 --target-port 8080",
            "sandpool sessionpool show -n mypool -g my-group")
        .with("create", PoolCreate::new)
        .with("update", PoolUpdate::new)
        .with("show", PoolShow::new)
        .with("list", PoolList::new)
        .with("list-usages", PoolListUsages::new)
        .with("delete", PoolDelete::new)
        .with(
            "settings",
            new Group(
                    "What a pool can be set to here that the contract has no property for.",
                    "sandpool sessionpool settings show -n mypool -g my-group")
                .with("show", SettingsShow::new)
                .with("update", SettingsUpdate::new));
  }

  private static Group sessions() {
    return new Group(
            "The sessions of a pool.",
            "sandpool session list -n mypool -g my-group --output table",
            "sandpool session stop -n mypool -g my-group --identifier user-1")
        .with("list", SessionList::new)
        .with("show", SessionShow::new)
        .with("stop", SessionStop::new)
        .with(
            "code-interpreter",
            new Group(
                    "Code and files in sessions whose container answers /executions and /files.",
                    "sandpool session code-interpreter execute -n mypool -g my-group \\",
                    "    --identifier user-1 --code \"print(1 + 1)\"")
                .with("execute", Execute::new)
                .with("upload-file", UploadFile::new)
                .with("list-files", ListFiles::new)
                .with("show-file-content", ShowFileContent::new)
                .with("show-file-metadata", ShowFileMetadata::new)
                .with("delete-file", DeleteFile::new));
  }

  private static Group images() {
    return new Group("Images that the server keeps.", "sandpool image list --output table")
        .with("list", ImageList::new)
        .with("import", ImageImport::new)
        .with("remove", ImageRemove::new);
  }

  private static Group identities() {
    return new Group(
            "User-assigned identities, whose tokens code in sandboxes can ask for.",
            "sandpool identity create -n my-identity -g my-group --location eastus",
            "sandpool identity list --output table")
        .with("create", IdentityCreate::new)
        .with("show", IdentityShow::new)
        .with("list", IdentityList::new)
        .with("delete", IdentityDelete::new);
  }

  private static Group directory() {
    return new Group(
            "Service principals and keys of the built-in authority.",
            "sandpool ad sp create-for-rbac --name my-app",
            "sandpool ad sp list --output table")
        .with(
            "sp",
            new Group(
                    "Service principals: who may log in.",
                    "sandpool ad sp create-for-rbac --name my-app")
                .with("create-for-rbac", CreateForRbac::new)
                .with("list", PrincipalList::new)
                .with("show", PrincipalShow::new)
                .with("delete", PrincipalDelete::new)
                .with(
                    "credential",
                    new Group(
                            "What service principals show when they log in.",
                            "sandpool ad sp credential reset --id APP_ID --append")
                        .with("reset", CredentialReset::new)
                        .with("delete", CredentialDelete::new)))
        .with("rotate-signing-key", RotateSigningKey::new);
  }

  private static Group roles() {
    return new Group(
            "Who may do what, and where.",
            "sandpool role definition list --output table",
            "sandpool role assignment list --output table")
        .with(
            "assignment",
            new Group("Roles that somebody has.", "sandpool role assignment list --output table")
                .with("create", AssignmentCreate::new)
                .with("list", AssignmentList::new)
                .with("delete", AssignmentDelete::new))
        .with(
            "definition",
            new Group("Roles that there are.", "sandpool role definition list --output table")
                .with("list", DefinitionList::new));
  }

  private static Group accounts() {
    return new Group(
            "The login and the subscription that commands work in.",
            "sandpool account show",
            "sandpool account set --subscription 11111111-2222-3333-4444-555555555555")
        .with("show", AccountShow::new)
        .with("list", AccountList::new)
        .with("set", AccountSet::new)
        .with("get-access-token", AccountToken::new);
  }

  /** The branch that these arguments name, or everything. */
  CommandLine forArguments(String[] args) {
    Node here = root;
    int depth = 0;
    while (here instanceof Group group) {
      @Nullable Node next = depth < args.length ? group.children().get(args[depth]) : null;
      if (next == null) {
        return whole();
      }
      here = next;
      depth++;
    }
    return build("sandpool", root, List.of(args).subList(0, depth));
  }

  /** Everything. */
  CommandLine whole() {
    return build("sandpool", root, List.of());
  }

  /** A command of that tree; with a path, only what lies on it. */
  private CommandLine build(String name, Node node, List<String> path) {
    return switch (node) {
      case Leaf leaf -> new CommandLine(leaf.command().apply(shell));
      case Group group -> {
        var line = new CommandLine(new CommandGroup()).setCommandName(name);
        group.children().entrySet().stream()
            .filter(child -> path.isEmpty() || path.getFirst().equals(child.getKey()))
            .forEach(child -> add(line, child.getKey(), child.getValue(), path));
        var usage = line.getCommandSpec().usageMessage();
        usage.description(group.description());
        usage.footer(footer(group, name.equals("sandpool")));
        yield line;
      }
    };
  }

  private void add(CommandLine line, String name, Node child, List<String> path) {
    List<String> rest = path.isEmpty() ? path : path.subList(1, path.size());
    line.addSubcommand(name, build(name, child, rest));
  }

  private static String[] footer(Group group, boolean top) {
    var lines = new java.util.ArrayList<String>();
    lines.add("");
    lines.add("Examples");
    group.examples().forEach(example -> lines.add("  " + example));
    if (top) {
      lines.add("");
      lines.add("The login is read from the file that SANDPOOL_CONTEXT names, else from the data");
      lines.add("directory's admin.json, else from ~/.config/sandpool/context.json.");
    }
    return lines.toArray(String[]::new);
  }
}
