package dev.sandpool.cli.account;

import dev.sandpool.cli.Shell;
import dev.sandpool.cli.command.Command;
import dev.sandpool.cli.rest.Context;
import dev.sandpool.cli.rest.Tokens;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.JsonNodeFactory;

/** {@code sandpool account get-access-token}: a token in the shape in which az prints it. */
@CommandLine.Command(
    name = "get-access-token",
    description = "Gets a token, with its expiry, subscription and tenant.",
    footer = {
      "",
      "Examples",
      "  sandpool account get-access-token --resource https://dynamicsessions.io \\",
      "      --query accessToken --output tsv",
    })
public final class AccountToken extends Command {
  private static final DateTimeFormatter LOCAL =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSSSSS");

  @Option(
      names = "--resource",
      paramLabel = "URI",
      description = "The audience. Default: " + Tokens.MANAGEMENT + ".",
      order = 1)
  private @Nullable String resource;

  @Option(
      names = "--scope",
      arity = "1..*",
      paramLabel = "SCOPE",
      description = "The audience, with /.default at its end.",
      order = 2)
  private List<String> scopes = List.of();

  public AccountToken(Shell shell) {
    super(shell);
  }

  @Override
  protected void run() {
    Context context = Context.find(shell());
    Tokens.Token token = connection().tokens().token(audience());
    var answer = JsonNodeFactory.instance.objectNode();
    answer.put("accessToken", token.text());
    var expires = Instant.ofEpochSecond(token.expires());
    answer.put("expiresOn", LOCAL.format(expires.atZone(ZoneId.systemDefault())));
    answer.put("expires_on", token.expires());
    answer.put("subscription", subscription(context));
    answer.put("tenant", context.tenant());
    answer.put("tokenType", "Bearer");
    print(answer);
  }

  private String audience() {
    if (resource != null) {
      return resource;
    }
    return scopes.isEmpty() ? Tokens.MANAGEMENT : scopes.getFirst();
  }
}
