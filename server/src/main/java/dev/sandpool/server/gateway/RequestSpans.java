package dev.sandpool.server.gateway;

import dev.sandpool.server.time.Time;
import dev.sandpool.server.trace.Span;
import dev.sandpool.server.trace.SpanQueue;
import io.vertx.core.http.HttpVersion;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Makes spans of requests: of those whose caller's trace is sampled, and of a share of those that
 * belong to none. These begin a trace of their own, whose id sandboxes are told in {@code
 * traceparent}.
 */
public final class RequestSpans implements RequestNotes {
  private static final int LONGEST_PATH = 512;
  private static final int SPAN_DIGITS = 16;

  private final SpanQueue queue;
  private final double share;
  private final Time time;

  /**
   * @param share of requests without a trace of which a span is made, 0 to 1
   */
  public RequestSpans(SpanQueue queue, double share, Time time) {
    this.queue = queue;
    this.share = share;
    this.time = time;
  }

  @Override
  public void offer(AccessLine line) {
    if (isSampled(line)) {
      queue.offer(() -> span(line));
    }
  }

  private boolean isSampled(AccessLine line) {
    CharSequence parent = line.traceparent();
    // The id is random, so the same share of all ids is below a bound, and no other dice are cast.
    return parent == null
        ? (line.id().high() >>> 1) < share * 0x1p63
        : Traceparent.isSampled(parent);
  }

  private Span span(AccessLine line) {
    String own = line.id().traceAndSpan();
    String id = own.substring(own.length() - SPAN_DIGITS);
    CharSequence parent = line.traceparent();
    String trace =
        parent == null
            ? own.substring(0, own.length() - SPAN_DIGITS - 1)
            : Traceparent.trace(parent);
    long now = time.nanos();
    Instant wall = time.now();
    Instant begin = at(line.id().arrivedNanos(), now, wall);
    Instant end = at(line.ended(), now, wall);
    String name = line.method() + (line.pool() == null ? "" : " " + line.pool());
    return new Span(
        trace,
        id,
        Optional.ofNullable(parent).map(Traceparent::span),
        name,
        begin,
        end,
        line.status() >= 500,
        attributes(line),
        phases(line, now, wall));
  }

  private static Instant at(long nanos, long now, Instant wall) {
    return wall.minusNanos(now - nanos);
  }

  private static Map<String, String> attributes(AccessLine line) {
    Map<String, String> attributes = new LinkedHashMap<>();
    attributes.put("http.request.method", line.method());
    // Without the query, which holds the identifier.
    int query = line.target().indexOf('?');
    String path = query < 0 ? line.target() : line.target().substring(0, query);
    attributes.put("url.path", path.substring(0, Math.min(LONGEST_PATH, path.length())));
    attributes.put("http.response.status_code", Integer.toString(line.status()));
    HttpVersion version = line.version();
    if (version != null) {
      attributes.put("network.protocol.version", version.alpnName().replace("http/", ""));
    }
    if (line.pool() != null) {
      attributes.put("sandpool.pool", line.pool());
    }
    if (line.code() != null) {
      attributes.put("error.type", line.code());
    }
    attributes.put("sandpool.request", line.id().toString());
    attributes.put("sandpool.outcome", line.outcome());
    return attributes;
  }

  private static List<Span.Phase> phases(AccessLine line, long now, Instant wall) {
    List<Span.Phase> phases = new ArrayList<>();
    long claimed = line.started() == 0 ? 0 : line.started() - line.claim();
    record Part(String name, long from, long to) {}
    for (Part part :
        List.of(
            new Part("token", line.id().arrivedNanos(), line.known()),
            new Part("queue", line.known(), claimed),
            new Part("claim", line.claim() == 0 ? 0 : claimed, line.started()),
            new Part("connect", line.started(), line.sent()),
            new Part("first byte", line.sent(), line.head()),
            new Part("answer", line.head(), line.ended()))) {
      if (part.from != 0 && part.to != 0) {
        phases.add(new Span.Phase(part.name, at(part.from, now, wall), at(part.to, now, wall)));
      }
    }
    return phases;
  }
}
