package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.ResourceId;
import dev.sandpool.model.SandboxId;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code POST {pool}/readConsole?follow=true|false}: the captured output of a session's sandbox, as
 * it was captured. The identifier comes in the body, since addresses end up in logs.
 */
final class ConsoleResource {
  private static final Logger log = LoggerFactory.getLogger(ConsoleResource.class);
  private static final Shape.Obj BODY = Shape.Obj.of("identifier", Shape.Value.TEXT);
  private static final int CHUNK_BYTES = 16 * 1024;

  private final PoolStore pools;
  private final SessionLookup sessions;
  private final ConsoleReader console;

  ConsoleResource(PoolStore pools, SessionLookup sessions, ConsoleReader console) {
    this.pools = pools;
    this.sessions = sessions;
    this.console = console;
  }

  Answer read(Call call) throws IOException {
    var faults = new Faults();
    ObjectNode body = Shape.read(BODY, call.json(), faults, call.ignored());
    String identifier = Fields.text(body, "identifier").orElse("");
    if (identifier.isEmpty()) {
      faults.add("MissingSessionIdentifier", "identifier", "is required.");
    }
    faults.throwIfAny();
    PoolId pool = pool(call.resource(ResourceId.SESSION_POOLS));
    SandboxId sandbox = sessions.sandbox(pool, identifier).orElseThrow(ConsoleResource::noSession);
    boolean follow = call.queried("follow").map(Boolean::parseBoolean).orElse(false);
    InputStream lines = console.open(sandbox, follow).orElseThrow(ConsoleResource::noSession);
    return new Answer.Stream(200, Map.of(), "text/plain; charset=utf-8", sink -> copy(lines, sink));
  }

  private PoolId pool(ResourceId id) {
    return pools.find(id).orElseThrow(() -> NotFound.of(id)).pool().id();
  }

  private static ArmException noSession() {
    return new ArmException(
        404, "SessionWithIdentifierNotFound", "The pool has no session with that identifier.");
  }

  private static void copy(InputStream lines, Answer.Sink sink) throws IOException {
    try (lines) {
      // A read that waits for the next line would outlive a caller who has left.
      sink.onLeave(() -> close(lines));
      byte[] chunk = new byte[CHUNK_BYTES];
      for (int n = lines.read(chunk); n >= 0; n = lines.read(chunk)) {
        sink.write(Arrays.copyOf(chunk, n));
      }
    }
  }

  private static void close(InputStream lines) {
    try {
      lines.close();
    } catch (IOException e) {
      log.debug("console stream not closed: {}", e.toString());
    }
  }
}
