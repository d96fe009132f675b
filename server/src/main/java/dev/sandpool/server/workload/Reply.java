package dev.sandpool.server.workload;

import dev.sandpool.model.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;

/**
 * The answer to a sandbox; {@link #toString} keeps the token.
 *
 * @param retryAfter seconds; 0: not said
 */
record Reply(int status, String json, int retryAfter) {
  /** A token in the documented form. */
  static Reply token(WorkloadToken token, String resource, String clientId) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("access_token", token.value());
    body.put("expires_on", Long.toString(token.expires().getEpochSecond()));
    body.put("resource", resource);
    body.put("token_type", "Bearer");
    body.put("client_id", clientId);
    return new Reply(200, Json.MAPPER.writeValueAsString(body), 0);
  }

  /** A refusal in the documented form. */
  static Reply refused(int status, String message) {
    Map<String, Object> body = new LinkedHashMap<>();
    body.put("statusCode", status);
    body.put("message", message);
    body.put("correlationId", UUID.randomUUID().toString());
    return new Reply(status, Json.MAPPER.writeValueAsString(body), 0);
  }

  Reply after(int seconds) {
    return new Reply(status, json, seconds);
  }

  @Override
  public String toString() {
    return "Reply[" + status + "]";
  }
}
