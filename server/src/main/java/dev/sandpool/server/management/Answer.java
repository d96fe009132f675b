package dev.sandpool.server.management;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** What a resource answers. */
sealed interface Answer {
  int status();

  Map<String, String> headers();

  /**
   * A whole answer.
   *
   * @param body null sends none
   */
  record Whole(int status, Map<String, String> headers, @Nullable JsonNode body)
      implements Answer {}

  /** An answer that is written bit by bit, chunked, as long as the caller stays. */
  record Stream(int status, Map<String, String> headers, String contentType, Source source)
      implements Answer {}

  /** Writes a stream. */
  @FunctionalInterface
  interface Source {
    /** Writes everything; blocks as the caller reads. Throws when the caller has left. */
    void writeTo(Sink sink) throws IOException;
  }

  /** Where a stream is written to. */
  interface Sink {
    /** Returns when the bytes are on their way; throws if the caller has left. */
    void write(byte[] bytes) throws IOException;

    /** Runs something once the caller has left, from a thread that may block. */
    void onLeave(Runnable action);
  }

  static Answer of(int status, JsonNode body) {
    return new Whole(status, Map.of(), body);
  }

  static Answer empty(int status) {
    return new Whole(status, Map.of(), null);
  }

  /** The same with a header more. */
  default Answer with(String name, String value) {
    Map<String, String> more = new LinkedHashMap<>(headers());
    more.put(name, value);
    return switch (this) {
      case Whole whole -> new Whole(whole.status, more, whole.body);
      case Stream stream -> new Stream(stream.status, more, stream.contentType, stream.source);
    };
  }
}
