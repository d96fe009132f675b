package dev.sandpool.server.gateway;

import dev.sandpool.model.Json;
import io.vertx.core.http.HttpVersion;
import java.io.StringWriter;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import tools.jackson.core.JsonGenerator;

/**
 * The lines of the access log as JSON. At full load there are tens of thousands a second, and the
 * time for them is taken from requests: members are written one after another without a tree, and
 * the names of sessions that were called just now are kept. Used on one thread only.
 */
final class AccessWords {
  private static final int LONGEST_PATH = 512;
  private static final int LONGEST_ID = 128;
  private static final int NAMES_KEPT = 4096;

  private final UnaryOperator<String> hashing;
  private final LinkedHashMap<String, String> names = new LinkedHashMap<>();

  /**
   * @param hashing makes of an identifier what may be read by others: a short keyed hash
   */
  AccessWords(UnaryOperator<String> hashing) {
    this.hashing = hashing;
  }

  /**
   * One object, without an end of line.
   *
   * @param ended the time at which the request was over
   */
  String of(AccessLine line, Instant ended) {
    var text = new StringWriter(512);
    try (JsonGenerator json = Json.MAPPER.createGenerator(text)) {
      json.writeStartObject();
      json.writeStringProperty("time", ended.toString());
      who(json, line);
      what(json, line);
      when(json, line);
      json.writeEndObject();
    }
    return text.toString();
  }

  private void who(JsonGenerator json, AccessLine line) {
    json.writeStringProperty("request", line.id().toString());
    CharSequence callers = line.callersId();
    if (callers != null) {
      json.writeStringProperty("callerRequest", cut(callers, LONGEST_ID));
    }
    CharSequence traceparent = line.traceparent();
    if (traceparent != null) {
      json.writeStringProperty("trace", Traceparent.trace(traceparent));
    }
    json.writeStringProperty("outcome", line.outcome());
    if (line.pool() != null) {
      json.writeStringProperty("pool", line.pool());
    }
    if (line.identifier() != null) {
      json.writeStringProperty("session", name(line.identifier()));
    }
  }

  private String name(String identifier) {
    String known = names.get(identifier);
    if (known != null) {
      return known;
    }
    if (names.size() >= NAMES_KEPT) {
      names.pollFirstEntry();
    }
    String fresh = hashing.apply(identifier);
    names.put(identifier, fresh);
    return fresh;
  }

  private static void what(JsonGenerator json, AccessLine line) {
    json.writeStringProperty("method", line.method());
    json.writeStringProperty("path", path(line.target()));
    HttpVersion version = line.version();
    if (version != null) {
      json.writeStringProperty("protocol", version.alpnName());
    }
    json.writeNumberProperty("status", line.status());
    if (line.code() != null) {
      json.writeStringProperty("code", line.code());
    }
  }

  private static void when(JsonGenerator json, AccessLine line) {
    between(json, "tokenMs", line.id().arrivedNanos(), line.known());
    between(json, "queueMs", line.known(), line.started() - line.claim());
    between(json, "claimMs", line.started() - line.claim(), line.started());
    between(json, "connectMs", line.started(), line.sent());
    between(json, "firstByteMs", line.sent(), line.head());
    between(json, "totalMs", line.id().arrivedNanos(), line.ended());
  }

  /** Without the query, which holds the identifier. */
  private static String path(String target) {
    int query = target.indexOf('?');
    return cut(query < 0 ? target : target.substring(0, query), LONGEST_PATH);
  }

  private static String cut(CharSequence text, int most) {
    return text.subSequence(0, Math.min(text.length(), most)).toString();
  }

  private static void between(JsonGenerator json, String name, long from, long to) {
    if (from != 0 && to != 0) {
      json.writeNumberProperty(name, TimeUnit.NANOSECONDS.toMicros(to - from) / 1000.0);
    }
  }
}
