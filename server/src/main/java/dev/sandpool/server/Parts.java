package dev.sandpool.server;

import java.util.ArrayDeque;
import java.util.Deque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a process is made of, closed in reverse, whatever fails on the way. */
final class Parts implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Parts.class);

  private final Deque<Part> parts = new ArrayDeque<>();

  /** Something to be closed, and what to call it if that fails. */
  private record Part(String name, AutoCloseable closer) {}

  /** Takes a part over; what came before is closed after it. */
  <T extends AutoCloseable> T closing(String name, T part) {
    parts.push(new Part(name, part));
    return part;
  }

  @Override
  public void close() {
    while (!parts.isEmpty()) {
      Part part = parts.pop();
      try {
        part.closer().close();
      } catch (Exception e) {
        log.warn("the {} could not be closed", part.name(), e);
      }
    }
  }
}
