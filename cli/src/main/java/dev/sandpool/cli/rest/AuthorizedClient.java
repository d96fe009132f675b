package dev.sandpool.cli.rest;

import dev.sandpool.cli.Failure;
import java.io.IOException;
import java.net.URI;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Requests with a token of one audience; an answer of 400 or more becomes a {@link Failure}. */
public final class AuthorizedClient {
  private static final Content EMPTY = Content.bytes("text/plain", new byte[0]);

  private final Http http;
  private final Tokens tokens;
  private final Context context;
  private final String audience;

  public AuthorizedClient(Http http, Tokens tokens, Context context, String audience) {
    this.http = http;
    this.tokens = tokens;
    this.context = context;
    this.audience = audience;
  }

  /** Sends, and answers with a status below 400. */
  public Http.Answer send(String method, URI uri, @Nullable Content body) {
    try {
      return trySend(method, uri, body, false);
    } catch (IOException e) {
      throw Http.unreachable(uri, context, e);
    }
  }

  /** The same for an answer that may take for ever. */
  public Http.Answer stream(String method, URI uri, @Nullable Content body) {
    try {
      return trySend(method, uri, body, true);
    } catch (IOException e) {
      throw Http.unreachable(uri, context, e);
    }
  }

  /** As {@link #send}, but leaves it to the caller what a broken connection means. */
  Http.Answer trySend(String method, URI uri, @Nullable Content body, boolean endless)
      throws IOException {
    Http.Answer answer = once(method, uri, body, endless);
    if (answer.status() == 401) {
      // A server that was set up anew under the same address knows none of our old tokens.
      answer.close();
      tokens.forget(audience);
      answer = once(method, uri, body, endless);
    }
    if (answer.status() >= 400) {
      throw Problems.of(answer);
    }
    return answer;
  }

  private Http.Answer once(String method, URI uri, @Nullable Content body, boolean endless)
      throws IOException {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Authorization", "Bearer " + tokens.get(audience));
    headers.put("Accept", "application/json, text/plain, application/x-ndjson");
    // A POST without a body must say so, or some proxies wait for one.
    Content content = body == null && method.equals("POST") ? EMPTY : body;
    var call = new Http.Call(method, uri, headers, content);
    return endless ? http.stream(call) : http.send(call);
  }
}
