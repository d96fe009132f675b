package dev.sandpool.server.audit;

import dev.sandpool.model.Json;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * Puts events into lines. Each line holds its number and the SHA-256 of the line before it, so that
 * nobody can change, leave out or add one without changing all that follow.
 */
final class Chain {
  /** What stands before the very first line. */
  static final String BEGINNING = "0".repeat(64);

  private static final int LONGEST = 512;

  private final UnaryOperator<String> hashing;
  private long next;
  private String before;

  /**
   * @param next the number of the next line
   * @param before the hash of the last one
   */
  Chain(long next, String before, UnaryOperator<String> hashing) {
    this.next = next;
    this.before = before;
    this.hashing = hashing;
  }

  private Chain(Chain other) {
    this(other.next, other.before, other.hashing);
  }

  /** One to go on with that is thrown away when what it made could not be written. */
  Chain copy() {
    return new Chain(this);
  }

  long next() {
    return next;
  }

  /** The line of an event, without a line end. */
  String line(AuditEvent event) {
    ObjectNode words = JsonNodeFactory.instance.objectNode();
    words.put("seq", next);
    words.put("time", event.time().toString());
    words.put("kind", event.kind().text());
    words.put("action", cut(event.action()));
    words.put("result", event.result().text());
    put(words, "actor", event.actor());
    put(words, "from", event.from());
    put(words, "resource", event.resource());
    String identifier = event.identifier();
    put(words, "session", identifier == null ? null : hashing.apply(identifier));
    put(words, "request", event.request());
    put(words, "code", event.code());
    if (!event.detail().isEmpty()) {
      ObjectNode detail = words.putObject("detail");
      event.detail().entrySet().stream()
          .sorted(Map.Entry.comparingByKey())
          .forEach(entry -> detail.put(entry.getKey(), cut(entry.getValue())));
    }
    words.put("before", before);
    String line = Json.MAPPER.writeValueAsString(words);
    next++;
    before = hash(line);
    return line;
  }

  private static void put(ObjectNode words, String name, @Nullable String value) {
    if (value != null) {
      words.put(name, cut(value));
    }
  }

  /** Paths come from callers, and may be as long as a request head. */
  private static String cut(String text) {
    return text.substring(0, Math.min(text.length(), LONGEST));
  }

  static String hash(String line) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(line.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("each JDK has SHA-256", e);
    }
  }
}
