package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.model.Json;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.logs.LogFollower;
import dev.sandpool.server.logs.LogOrigin;
import dev.sandpool.server.logs.LogPlace;
import dev.sandpool.server.logs.LogRow;
import dev.sandpool.server.logs.LogTable;
import dev.sandpool.server.time.Time;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code POST {pool}/readLogs?type=console|lifecycle|pool&since=TIME&stream=S&follow=true|false}:
 * the stored rows of a pool, one JSON object a line, also of sandboxes that are gone. An identifier
 * in the body keeps to its session's rows.
 */
final class LogsResource {
  private static final Shape.Obj BODY = Shape.Obj.of("identifier", Shape.Value.TEXT);

  /** Each keeps a thread and a connection. */
  private static final int FOLLOWERS = 64;

  private final PoolStore pools;
  private final LogAccess logs;
  private final Time time;
  private final Semaphore followers = new Semaphore(FOLLOWERS);

  LogsResource(PoolStore pools, LogAccess logs, Time time) {
    this.pools = pools;
    this.logs = logs;
    this.time = time;
  }

  Answer read(Call call) {
    ResourceId id = call.resource(ResourceId.SESSION_POOLS);
    PoolId pool = pools.find(id).orElseThrow(() -> NotFound.of(id)).pool().id();
    var faults = new Faults();
    LogTable table = table(call, faults);
    Instant since = since(call, faults);
    String stream = call.queried("stream").orElse("");
    if (!stream.isEmpty() && !stream.equals("stdout") && !stream.equals("stderr")) {
      faults.add("stream", "'" + stream + "' is not accepted; accepted: stdout, stderr");
    }
    Optional<String> identifier =
        Fields.text(Shape.read(BODY, call.json(), faults, call.ignored()), "identifier");
    faults.throwIfAny();
    String hash = identifier.map(it -> logs.hash().of(pool, it)).orElse("");
    boolean follow = call.queried("follow").map(Boolean::parseBoolean).orElse(false);
    var follower = new LogFollower(logs.store(), pool, table, since);
    var wish = new Wish(stream, hash, follow);
    if (follow && !followers.tryAcquire()) {
      throw new ArmException(
          429, "TooManyFollowers", "Logs are followed by " + FOLLOWERS + " callers already.");
    }
    return new Answer.Stream(
        200, Map.of(), "application/x-ndjson", sink -> write(follower, wish, sink));
  }

  private record Wish(String stream, String session, boolean follow) {
    boolean matches(LogOrigin origin, LogRow row) {
      return (stream.isEmpty() || row.operation().stream().equals(stream))
          && (session.isEmpty() || origin.session().equals(session));
    }
  }

  private static LogTable table(Call call, Faults faults) {
    String label = call.queried("type").orElse(LogTable.CONSOLE.label());
    Optional<LogTable> table = LogTable.labelled(label);
    if (table.isEmpty()) {
      faults.add(
          "type",
          "'"
              + label
              + "' is not accepted; accepted: "
              + String.join(", ", Arrays.stream(LogTable.values()).map(LogTable::label).toList()));
    }
    return table.orElse(LogTable.CONSOLE);
  }

  private Instant since(Call call, Faults faults) {
    String given = call.queried("since").orElse("");
    try {
      return given.isEmpty() ? Instant.EPOCH : Instant.parse(given);
    } catch (DateTimeException e) {
      faults.add("since", "'" + given + "' is no time such as 2026-01-31T23:59:59Z");
      return time.now();
    }
  }

  private void write(LogFollower follower, Wish wish, Answer.Sink sink) throws IOException {
    var left = new AtomicBoolean();
    sink.onLeave(() -> left.set(true));
    var out = new Lines(sink, wish);
    try {
      if (wish.follow) {
        follower.follow(out, () -> !left.get());
      } else {
        follower.read(out);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("the server closes");
    } finally {
      if (wish.follow) {
        followers.release();
      }
    }
  }

  /** Rows on their way to a caller, a few kilobytes at a time. */
  private static final class Lines implements LogFollower.Receiver {
    private static final int CHUNK = 16 << 10;

    private final Answer.Sink sink;
    private final Wish wish;
    private final ByteArrayOutputStream waiting = new ByteArrayOutputStream();

    Lines(Answer.Sink sink, Wish wish) {
      this.sink = sink;
      this.wish = wish;
    }

    @Override
    public void take(LogPlace place, LogOrigin origin, LogRow row) throws IOException {
      if (wish.matches(origin, row)) {
        waiting.writeBytes(Json.MAPPER.writeValueAsBytes(json(place, origin, row)));
        waiting.write('\n');
        if (waiting.size() >= CHUNK) {
          pause();
        }
      }
    }

    @Override
    public void pause() throws IOException {
      if (waiting.size() > 0) {
        sink.write(waiting.toByteArray());
        waiting.reset();
      }
    }

    private static ObjectNode json(LogPlace place, LogOrigin origin, LogRow row) {
      return Fields.empty()
          .put("TimeGenerated", LogRow.instant(row.micros()).toString())
          .put("SessionPoolName", place.poolName())
          .put("RevisionName", origin.revision())
          .put("PodName", origin.pod())
          .put("SessionHash", origin.session())
          .put("Level", row.operation().level())
          .put("OperationName", row.operation().title())
          .put("Stream", row.operation().stream())
          .put("Log", row.string());
    }
  }
}
