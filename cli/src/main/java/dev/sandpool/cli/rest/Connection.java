package dev.sandpool.cli.rest;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import tools.jackson.databind.JsonNode;

/** One login put to use: both planes of one server. */
public final class Connection {
  private final Shell shell;
  private final Context context;
  private final Http http;
  private final Tokens tokens;
  private final Ids ids;

  public Connection(Shell shell, Context context, String subscription, Http.Trace trace) {
    this.shell = shell;
    this.context = context;
    this.http = new Http(shell, trace);
    this.tokens = new Tokens(shell, http, context);
    this.ids = new Ids(subscription);
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
    return new Sessions(client(Tokens.SESSIONS), endpoint(pool));
  }

  /** The endpoint that a pool of that name names. */
  public String endpoint(String group, String pool) {
    return endpoint(arm().get(ids.pool(group, pool)));
  }

  private static String endpoint(JsonNode pool) {
    String endpoint = pool.path("properties").path("poolManagementEndpoint").asString("");
    if (endpoint.isEmpty()) {
      throw Failure.error("PoolHasNoEndpoint", "the session pool names no endpoint yet");
    }
    return endpoint;
  }

  /** The files and executions of a session, at the pool's endpoint. */
  public Interpreter interpreter(String endpoint, String identifier) {
    return new Interpreter(client(Tokens.SESSIONS), endpoint, identifier);
  }

  /** The endpoint by path that a pool of that name has, without asking the server for it. */
  public String endpointOf(String group, String pool) {
    return context.endpoint() + ids.endpointPath(group, pool);
  }

  private AuthorizedClient client(String audience) {
    return new AuthorizedClient(http, tokens, context, audience);
  }
}
