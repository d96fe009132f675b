package dev.sandpool.server.gateway;

import io.vertx.core.http.HttpVersion;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.io.JsonStringEncoder;

/**
 * The lines of the access log as JSON. At full load there are tens of thousands a second, and the
 * time for them is taken from requests: members are appended one after another, and what was said
 * of a session or a second just now is kept. Used on one thread only.
 */
final class AccessWords {
  private static final int LONGEST_PATH = 512;
  private static final int LONGEST_ID = 128;
  private static final int NAMES_KEPT = 4096;

  private final UnaryOperator<String> hashing;
  private final LinkedHashMap<String, String> names = new LinkedHashMap<>();
  private final StringBuilder text = new StringBuilder(1024);
  private long second = Long.MIN_VALUE;
  private String untilSecond = "";

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
    text.setLength(0);
    text.append("{\"time\":\"");
    time(ended);
    text.append('"');
    who(line);
    what(line);
    member("tokenMs", line.id().arrivedNanos(), line.known());
    // Who got no sandbox has waited for one to the end.
    member(
        "queueMs",
        line.known(),
        line.started() == 0 ? line.ended() : line.started() - line.claim());
    member("claimMs", line.started() - line.claim(), line.started());
    member("connectMs", line.started(), line.sent());
    member("firstByteMs", line.sent(), line.head());
    member("totalMs", line.id().arrivedNanos(), line.ended());
    return text.append('}').toString();
  }

  private void who(AccessLine line) {
    CharSequence callers = line.callersId();
    CharSequence traceparent = line.traceparent();
    member("request", line.id().toString());
    member("callerRequest", callers == null ? null : cut(callers, LONGEST_ID));
    member("trace", traceparent == null ? null : Traceparent.trace(traceparent));
    member("outcome", line.outcome());
    member("pool", line.pool());
    member("session", line.identifier() == null ? null : name(line.identifier()));
  }

  private void what(AccessLine line) {
    HttpVersion version = line.version();
    member("method", line.method());
    member("path", path(line.target()));
    member("protocol", version == null ? null : version.alpnName());
    begin("status").append(line.status());
    member("code", line.code());
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

  /** Without the query, which holds the identifier. */
  private static String path(String target) {
    int query = target.indexOf('?');
    return cut(query < 0 ? target : target.substring(0, query), LONGEST_PATH);
  }

  private static String cut(CharSequence text, int most) {
    return text.subSequence(0, Math.min(text.length(), most)).toString();
  }

  // --- JSON ------------------------------------------------------------------------------------

  private StringBuilder begin(String name) {
    return text.append(",\"").append(name).append("\":");
  }

  /** Nothing where there is no value. */
  private void member(String name, @Nullable String value) {
    if (value != null) {
      begin(name).append('"');
      JsonStringEncoder.getInstance().quoteAsString(value, text);
      text.append('"');
    }
  }

  /** Milliseconds, to the microsecond; nothing where one of the two has not been. */
  private void member(String name, long from, long to) {
    if (from != 0 && to != 0) {
      long micros = TimeUnit.NANOSECONDS.toMicros(to - from);
      begin(name).append(micros < 0 ? "-" : "").append(Math.abs(micros) / 1000).append('.');
      digits(Math.abs(micros) % 1000, 100);
    }
  }

  /** To the microsecond; the calendar is asked once a second. */
  private void time(Instant at) {
    if (at.getEpochSecond() != second) {
      second = at.getEpochSecond();
      String whole = Instant.ofEpochSecond(second).toString();
      untilSecond = whole.substring(0, whole.length() - 1);
    }
    text.append(untilSecond).append('.');
    digits(TimeUnit.NANOSECONDS.toMicros(at.getNano()), 100_000);
    text.append('Z');
  }

  /** Leading zeros included, beginning with the digit of that place. */
  private void digits(long number, int place) {
    for (int at = place; at > 0; at /= 10) {
      text.append((char) ('0' + number / at % 10));
    }
  }
}
