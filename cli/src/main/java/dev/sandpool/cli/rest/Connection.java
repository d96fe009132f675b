package dev.sandpool.cli.rest;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** One login put to use: both planes of one server. */
public final class Connection {
  private final Shell shell;
  private final Context context;
  private final Http http;
  private final Tokens tokens;
  private final Ids ids;

  /**
   * @param subscription the one asked for, or null for the context's
   * @throws Failure if there is no login
   */
  public Connection(Shell shell, boolean debug, @Nullable String subscription) {
    this.shell = shell;
    this.context = Context.find(shell);
    this.http = new Http(debug ? shell.err() : null);
    this.tokens = new Tokens(shell, http, context);
    this.ids = new Ids(subscription == null ? context.subscription() : subscription);
  }

  public Ids ids() {
    return ids;
  }

  public Tokens tokens() {
    return tokens;
  }

  public Arm arm() {
    return new Arm(shell, context, client(Tokens.MANAGEMENT));
  }

  /** The sessions of a pool, by the endpoint that the pool itself names. */
  public Sessions sessions(JsonNode pool) {
    String endpoint = pool.path("properties").path("poolManagementEndpoint").asString("");
    if (endpoint.isEmpty()) {
      throw Failure.error("PoolHasNoEndpoint", "the session pool names no endpoint yet");
    }
    return new Sessions(client(Tokens.SESSIONS), endpoint);
  }

  private AuthorizedClient client(String audience) {
    return new AuthorizedClient(http, tokens, context, audience);
  }
}
