package dev.sandpool.server.trace;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * One request as a trace shows it. Ids are as W3C Trace Context writes them.
 *
 * @param parent the caller's span
 * @param failed whether it failed for a reason that is not the caller's
 * @param phases what it spent its time with, one after the other
 */
public record Span(
    String trace,
    String id,
    Optional<String> parent,
    String name,
    Instant begin,
    Instant end,
    boolean failed,
    Map<String, String> attributes,
    List<Phase> phases) {
  public Span {
    attributes = Map.copyOf(attributes);
    phases = List.copyOf(phases);
  }

  /** A part of a request's time. */
  public record Phase(String name, Instant begin, Instant end) {}
}
