package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.model.Json;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.Consumption;
import dev.sandpool.server.ledger.MeteredLife;
import dev.sandpool.server.ledger.PoolHour;
import dev.sandpool.server.ledger.Reserved;
import dev.sandpool.server.ledger.TooMuchUsageException;
import dev.sandpool.server.ledger.UsageAmounts;
import dev.sandpool.server.time.Uptime;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/**
 * Usage by pool and hour. The rows hold what sandboxes that are Gone have reserved, and all that
 * was noted; what living ones have reserved so far is read off their steps.
 */
final class UsageTable {
  private static final TypeReference<Map<String, String>> TAGS = new TypeReference<>() {};

  /** Sums in one answer, which are held in memory. */
  private static final int MOST = 200_000;

  private static final long HOUR_SECONDS = TimeUnit.HOURS.toSeconds(1);

  private static final String ADD =
      """
      INSERT INTO usage_hour (hour, pool, ready, allocated, cpu, memory, used_cpu, used_memory,
        sessions, session_hours, requests, bytes_in, bytes_out)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      ON CONFLICT (hour, pool) DO UPDATE SET ready = ready + excluded.ready,
        allocated = allocated + excluded.allocated, cpu = cpu + excluded.cpu,
        memory = memory + excluded.memory, used_cpu = used_cpu + excluded.used_cpu,
        used_memory = used_memory + excluded.used_memory, sessions = sessions + excluded.sessions,
        session_hours = session_hours + excluded.session_hours,
        requests = requests + excluded.requests, bytes_in = bytes_in + excluded.bytes_in,
        bytes_out = bytes_out + excluded.bytes_out
      """;

  private static final String SUMS =
      """
      SELECT hour / ?1 * ?1 AS begin, pool, sum(ready) AS ready, sum(allocated) AS allocated,
        sum(cpu) AS cpu, sum(memory) AS memory, sum(used_cpu) AS used_cpu,
        sum(used_memory) AS used_memory, sum(sessions) AS sessions,
        sum(session_hours) AS session_hours, sum(requests) AS requests, sum(bytes_in) AS bytes_in,
        sum(bytes_out) AS bytes_out
      FROM usage_hour WHERE hour BETWEEN ?2 AND ?3 GROUP BY 1, 2 LIMIT ?4
      """;

  private static final String LIFE =
      "SELECT pool, ready_at, ready_up, allocated_up, stopping_up, milli_cpu, reserved_bytes"
          + " FROM sandbox WHERE ready_up IS NOT NULL ";

  private final Uptime uptime;

  UsageTable(Uptime uptime) {
    this.uptime = uptime;
  }

  // --- steps of sandboxes, in their transactions -----------------------------------------------

  /**
   * Goes on after another server. Sandboxes of an earlier boot ended with it, and when that was is
   * known no better than when the host was last seen.
   */
  void resume(Db db) throws SQLException {
    db.update(
        """
        UPDATE sandbox SET stopping_up = max(ready_up, coalesce(allocated_up, 0),
          (SELECT up FROM host_up))
        WHERE stopping_up IS NULL AND ready_up IS NOT NULL
          AND EXISTS (SELECT 1 FROM host_up WHERE boot <> ?)
        """,
        uptime.boot());
    db.update("DELETE FROM host_up");
    db.update("INSERT INTO host_up (boot, up) VALUES (?, ?)", uptime.boot(), uptime.nanos());
  }

  /** A sandbox has become Gone: what it reserved is added up, once. */
  void settle(Db db, SandboxId sandbox) throws SQLException {
    for (Life life : db.list(Life::read, LIFE + "AND id = ?", sandbox.value())) {
      Map<Long, UsageAmounts> hours = life.until(uptime.nanos()).byHour();
      for (Map.Entry<Long, UsageAmounts> hour : hours.entrySet()) {
        add(db, hour.getKey(), life.pool, hour.getValue());
      }
    }
  }

  /** A pool was put: its usage goes by this name and these tags. */
  static void name(Db db, PoolId pool) throws SQLException {
    db.update(
        """
        INSERT INTO usage_pool (pool, resource_id, tags)
          SELECT p.id, p.resource_id, coalesce(json_extract(r.document, '$.tags'), '{}')
          FROM pool p JOIN resource r ON r.id_key = p.resource_key WHERE p.id = ?
        ON CONFLICT (pool) DO UPDATE SET resource_id = excluded.resource_id, tags = excluded.tags
        """,
        pool.value());
  }

  // --- what is measured elsewhere --------------------------------------------------------------

  Job.Work<List<SandboxId>> metered() {
    return db ->
        db.list(
            row -> new SandboxId(row.getString(1)), "SELECT id FROM sandbox WHERE state <> 'GONE'");
  }

  Job.Work<Boolean> up() {
    return db -> db.update("UPDATE host_up SET up = ?", uptime.nanos()) > 0;
  }

  Job.Work<Integer> note(List<Consumption> seen, Instant now) {
    return db -> {
      int noted = 0;
      for (Consumption one : seen) {
        noted += note(db, one, now);
      }
      return noted;
    };
  }

  private record Counted(String pool, long cpuNanos, @Nullable Long fromUp, @Nullable Long endUp) {
    static Counted read(ResultSet row) throws SQLException {
      return new Counted(row.getString(1), row.getLong(2), nullable(row, 3), nullable(row, 4));
    }
  }

  private int note(Db db, Consumption seen, Instant now) throws SQLException {
    List<Counted> rows =
        db.list(
            Counted::read,
            """
            SELECT pool, counted_cpu, coalesce(counted_up, ready_up), stopping_up
            FROM sandbox WHERE id = ? AND state <> 'GONE'
            """,
            seen.sandbox().value());
    for (Counted counted : rows) {
      long end = counted.endUp == null ? uptime.nanos() : counted.endUp;
      long nanos = counted.fromUp == null ? 0 : Math.max(0, end - counted.fromUp);
      // Of whole microseconds both times, so that no part of one is lost or counted twice.
      long cpu = Math.max(0, seen.cpuNanos() / 1000 - counted.cpuNanos / 1000);
      long memory = ((seen.memoryBytes() >> 10) * (nanos / 1_000_000)) >> 10;
      add(db, hour(now), counted.pool, UsageAmounts.consumed(cpu, memory));
      db.update(
          """
          UPDATE sandbox SET counted_cpu = max(counted_cpu, ?),
            counted_up = iif(ready_up IS NULL, NULL, max(coalesce(counted_up, 0), ?))
          WHERE id = ?
          """,
          seen.cpuNanos(),
          end,
          seen.sandbox().value());
    }
    return rows.size();
  }

  Job.Work<Integer> add(Map<PoolId, UsageAmounts> more, Instant now) {
    Map<PoolId, UsageAmounts> copy = Map.copyOf(more);
    return db -> {
      for (Map.Entry<PoolId, UsageAmounts> one : copy.entrySet()) {
        add(db, hour(now), one.getKey().value(), one.getValue());
      }
      return copy.size();
    };
  }

  private static void add(Db db, long hour, String pool, UsageAmounts amounts) throws SQLException {
    db.update(
        ADD,
        hour,
        pool,
        amounts.readyMicros(),
        amounts.allocatedMicros(),
        amounts.milliCpuMillis(),
        amounts.mebibyteMillis(),
        amounts.cpuMicros(),
        amounts.usedMebibyteMillis(),
        amounts.sessions(),
        amounts.sessionHours(),
        amounts.requests(),
        amounts.bytesIn(),
        amounts.bytesOut());
  }

  Job.Work<Integer> forget(Instant before) {
    return db -> {
      int forgotten = db.update("DELETE FROM usage_hour WHERE hour < ?", hour(before));
      db.update(
          """
          DELETE FROM usage_pool WHERE pool NOT IN (SELECT pool FROM usage_hour)
            AND pool NOT IN (SELECT id FROM pool) AND pool NOT IN (SELECT pool FROM sandbox)
          """);
      return forgotten;
    };
  }

  // --- reading ---------------------------------------------------------------------------------

  /** Where a step begins, in hours. */
  private record Key(String pool, long begin) {}

  private record Name(String pool, String resourceId, Map<String, String> tags) {}

  Job.Work<List<PoolHour>> list(Instant from, Instant to, Duration step) {
    long first = hour(from.plusSeconds(HOUR_SECONDS).minusNanos(1));
    long last = hour(to.minusNanos(1));
    return db -> db.snapshot(one -> list(one, first, last, Math.max(1, step.toHours())));
  }

  private List<PoolHour> list(Db db, long first, long last, long step) throws SQLException {
    Map<Key, UsageAmounts> found = new HashMap<>();
    db.list(
        row -> found.put(new Key(row.getString("pool"), row.getLong("begin")), amounts(row)),
        SUMS,
        step,
        first,
        last,
        MOST + 1);
    long now = uptime.nanos();
    for (Life life : db.list(Life::read, LIFE + "AND state <> 'GONE'")) {
      life.until(now)
          .byHour()
          .subMap(first, true, Math.max(first, last), first <= last)
          .forEach(
              (hour, amounts) ->
                  found.merge(new Key(life.pool, hour / step * step), amounts, UsageAmounts::plus));
    }
    if (found.size() > MOST) {
      throw new TooMuchUsageException(MOST);
    }
    return named(db, found, first);
  }

  private static List<PoolHour> named(Db db, Map<Key, UsageAmounts> found, long first)
      throws SQLException {
    Map<String, Name> names = new HashMap<>();
    db.list(UsageTable::name, "SELECT pool, resource_id, tags FROM usage_pool")
        .forEach(name -> names.put(name.pool, name));
    List<PoolHour> hours = new ArrayList<>();
    found.forEach(
        (key, amounts) -> {
          Name name = names.get(key.pool);
          if (name != null) {
            long begin = Math.max(first, key.begin);
            Instant hour = Instant.ofEpochSecond(begin * HOUR_SECONDS);
            hours.add(new PoolHour(name.resourceId, name.tags, hour, amounts));
          }
        });
    return hours;
  }

  private static Name name(ResultSet row) throws SQLException {
    return new Name(
        row.getString(1), row.getString(2), Json.MAPPER.readValue(row.getString(3), TAGS));
  }

  private static UsageAmounts amounts(ResultSet row) throws SQLException {
    return new UsageAmounts(
        row.getLong("ready"),
        row.getLong("allocated"),
        row.getLong("cpu"),
        row.getLong("memory"),
        row.getLong("used_cpu"),
        row.getLong("used_memory"),
        row.getLong("sessions"),
        row.getLong("session_hours"),
        row.getLong("requests"),
        row.getLong("bytes_in"),
        row.getLong("bytes_out"));
  }

  private record Life(
      String pool,
      Instant readyAt,
      long readyUp,
      @Nullable Long allocatedUp,
      @Nullable Long stoppingUp,
      Reserved reserved) {
    static Life read(ResultSet row) throws SQLException {
      return new Life(
          row.getString(1),
          Nanos.read(row, 2),
          row.getLong(3),
          nullable(row, 4),
          nullable(row, 5),
          new Reserved(row.getInt(6), row.getLong(7)));
    }

    MeteredLife until(long now) {
      return new MeteredLife(
          readyAt, readyUp, allocatedUp, stoppingUp == null ? now : stoppingUp, reserved);
    }
  }

  private static @Nullable Long nullable(ResultSet row, int column) throws SQLException {
    long value = row.getLong(column);
    return row.wasNull() ? null : value;
  }

  private static long hour(Instant time) {
    return Math.floorDiv(time.getEpochSecond(), HOUR_SECONDS);
  }
}
