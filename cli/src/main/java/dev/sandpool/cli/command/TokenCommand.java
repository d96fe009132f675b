package dev.sandpool.cli.command;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.cli.rest.Sessions;
import dev.sandpool.cli.rest.Tokens;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;

/** {@code sandpool token}. */
@CommandLine.Command(
    name = "token",
    description = "Prints a token and nothing else: the caller's, or one for a single session.",
    footer = {
      "",
      "A token for a single session opens that one until it ends or the token expires. The session",
      "is allocated if it is not there.",
      "",
      "Examples",
      "  sandpool token",
      "  sandpool token --resource https://management.azure.com/",
      "  sandpool token --pool my-session-pool -g my-group --identifier user-1 \\",
      "      --expires 15m --methods GET,POST --path-prefix /api",
    })
public final class TokenCommand extends Command {
  private static final Pattern LIFE = Pattern.compile("(\\d{1,6})([smh]?)");

  @Option(
      names = "--resource",
      paramLabel = "URI",
      description = "The audience. Default: " + Tokens.SESSIONS + ".")
  private @Nullable String resource;

  @Option(
      names = "--pool",
      paramLabel = "NAME",
      description = "The session's pool; the token is for that session alone.")
  private @Nullable String pool;

  @Option(
      names = {"-g", "--resource-group"},
      paramLabel = "NAME",
      description = "The pool's resource group. Default: the one set by 'sandpool configure'.")
  private @Nullable String group;

  @Option(
      names = {"-i", "--identifier"},
      paramLabel = "ID",
      description = "The session's identifier.")
  private @Nullable String identifier;

  @Option(
      names = "--expires",
      paramLabel = "TIME",
      description = "How long it is good: 900, 900s, 15m or 1h; at most 24h. Default: 15m.")
  private @Nullable String expires;

  @Option(
      names = "--methods",
      paramLabel = "LIST",
      description = "What it is good for, separated by commas: GET,POST. Default: all.")
  private @Nullable String methods;

  @Option(
      names = "--path-prefix",
      paramLabel = "PATH",
      description = "What paths must begin with: /api. Default: any.")
  private @Nullable String pathPrefix;

  public TokenCommand(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    shell().out().println(pool == null && identifier == null ? own() : ofSession());
  }

  private String own() {
    if (group != null || expires != null || methods != null || pathPrefix != null) {
      throw Failure.usage(
          "--resource-group, --expires, --methods and --path-prefix are for a session's token:"
              + " name it by --pool and --identifier.");
    }
    return connection().tokens().get(Objects.requireNonNullElse(resource, Tokens.SESSIONS));
  }

  private String ofSession() {
    String poolName = pool;
    String session = identifier;
    if (poolName == null || session == null) {
      throw Failure.usage("A session is named by both, --pool and --identifier.");
    }
    if (resource != null) {
      throw Failure.usage("A session's token has no other audience: leave --resource out.");
    }
    var wish = new Sessions.TokenWish(seconds(), methods, pathPrefix);
    JsonNode found = connection().arm().get(connection().ids().pool(group(group), poolName));
    return connection().sessions(found).token(session, wish);
  }

  private @Nullable Long seconds() {
    if (expires == null) {
      return null;
    }
    Matcher life = LIFE.matcher(expires);
    if (!life.matches()) {
      throw Failure.usage("--expires is '" + expires + "'; accepted: 900, 900s, 15m or 1h.");
    }
    long unit =
        switch (life.group(2)) {
          case "m" -> 60;
          case "h" -> 3600;
          default -> 1;
        };
    return Long.parseLong(life.group(1)) * unit;
  }
}
