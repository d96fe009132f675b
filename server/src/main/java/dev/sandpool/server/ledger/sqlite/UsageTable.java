package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.model.Json;
import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
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
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.type.TypeReference;

/**
 * Usage by pool and hour, and by sandbox and hour. The rows hold what sandboxes that are Gone have
 * reserved, and all that was noted; what living ones have reserved so far is read off their steps.
 */
final class UsageTable {
  private static final TypeReference<Map<String, String>> TAGS = new TypeReference<>() {};

  /** Sums in one answer, which are held in memory. */
  private static final int MOST = 200_000;

  /** Rows of single sandboxes, older hours than which are forgotten before their time: 150 MB. */
  private static final int MOST_OF_SANDBOXES = 1_000_000;

  private static final int FORGOTTEN_AT_ONCE = 5_000;

  /** Of pools, or of sandboxes: %s is the table, and what rows are told apart by. */
  private static final String SUMS =
      """
      SELECT hour / ?1 * ?1 AS begin, pool, %s AS sandbox, sum(ready) AS ready,
        sum(allocated) AS allocated, sum(cpu) AS cpu, sum(memory) AS memory,
        sum(used_cpu) AS used_cpu, sum(used_memory) AS used_memory, sum(sessions) AS sessions,
        sum(session_hours) AS session_hours, sum(requests) AS requests, sum(bytes_in) AS bytes_in,
        sum(bytes_out) AS bytes_out
      FROM %s WHERE hour BETWEEN ?2 AND ?3 GROUP BY 1, 2, 3 LIMIT ?4
      """;

  private static final String POOL_SUMS = SUMS.formatted("''", "usage_hour");
  private static final String SANDBOX_SUMS = SUMS.formatted("sandbox", "usage_sandbox");

  private static final String LIFE =
      "SELECT pool, id, ready_at, ready_up, allocated_up, stopping_up, milli_cpu, reserved_bytes"
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
        UsageRows.add(db, hour.getKey(), life.pool, life.sandbox, hour.getValue());
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

  Job.Work<Integer> forget(Instant before) {
    return db -> {
      int forgotten = db.update("DELETE FROM usage_hour WHERE hour < ?", UsageRows.hour(before));
      db.update(
          """
          DELETE FROM usage_pool WHERE pool NOT IN (SELECT pool FROM usage_hour)
            AND pool NOT IN (SELECT id FROM pool) AND pool NOT IN (SELECT pool FROM sandbox)
          """);
      return forgotten;
    };
  }

  /** The hour before which single sandboxes are forgotten: that one, or when there are too many. */
  Job.Work<Long> sandboxesKeptFrom(Instant before) {
    return db ->
        Math.max(
            UsageRows.hour(before),
            db.first(
                    row -> row.getLong(1),
                    "SELECT hour FROM usage_sandbox ORDER BY hour DESC, sandbox DESC LIMIT 1 OFFSET"
                        + " ?",
                    MOST_OF_SANDBOXES)
                .orElse(0L));
  }

  /** Forgets a piece, and answers whether there was any: nobody may wait for all of it. */
  Job.Work<Boolean> forgetSandboxes(long beforeHour) {
    return db ->
        db.update(
                """
                DELETE FROM usage_sandbox WHERE (hour, sandbox) IN (
                  SELECT hour, sandbox FROM usage_sandbox WHERE hour < ? LIMIT ?)
                """,
                beforeHour,
                FORGOTTEN_AT_ONCE)
            > 0;
  }

  // --- reading ---------------------------------------------------------------------------------

  /** Where a step begins, in hours. */
  private record Key(String pool, String sandbox, long begin) {}

  private record Name(String pool, String resourceId, Map<String, String> tags) {}

  /** Of pools. */
  Job.Work<List<PoolHour>> list(Instant from, Instant to, Duration step) {
    return list(POOL_SUMS, life -> "", from, to, step);
  }

  /** Of each sandbox. */
  Job.Work<List<PoolHour>> listSandboxes(Instant from, Instant to, Duration step) {
    return list(SANDBOX_SUMS, life -> life.sandbox, from, to, step);
  }

  private Job.Work<List<PoolHour>> list(
      String sums, Function<Life, String> grain, Instant from, Instant to, Duration step) {
    long first = UsageRows.hour(from.plusSeconds(UsageRows.HOUR_SECONDS).minusNanos(1));
    long last = UsageRows.hour(to.minusNanos(1));
    long hours = Math.max(1, step.toHours());
    return db -> db.snapshot(one -> list(one, sums, grain, first, last, hours));
  }

  private List<PoolHour> list(
      Db db, String sums, Function<Life, String> grain, long first, long last, long step)
      throws SQLException {
    Map<Key, UsageAmounts> found = new HashMap<>();
    db.list(
        row ->
            found.put(
                new Key(row.getString("pool"), row.getString("sandbox"), row.getLong("begin")),
                UsageRows.amounts(row)),
        sums,
        step,
        first,
        last,
        MOST + 1);
    long now = uptime.nanos();
    for (Life life : db.list(Life::read, LIFE + "AND state <> 'GONE'")) {
      String sandbox = grain.apply(life);
      life.until(now)
          .byHour()
          .subMap(first, true, Math.max(first, last), first <= last)
          .forEach(
              (hour, amounts) ->
                  found.merge(
                      new Key(life.pool, sandbox, hour / step * step),
                      amounts,
                      UsageAmounts::plus));
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
            Instant hour = Instant.ofEpochSecond(begin * UsageRows.HOUR_SECONDS);
            hours.add(
                new PoolHour(
                    name.resourceId,
                    key.sandbox.isEmpty() ? null : new SandboxId(key.sandbox),
                    name.tags,
                    hour,
                    amounts));
          }
        });
    return hours;
  }

  private static Name name(ResultSet row) throws SQLException {
    return new Name(
        row.getString(1), row.getString(2), Json.MAPPER.readValue(row.getString(3), TAGS));
  }

  private record Life(
      String pool,
      String sandbox,
      Instant readyAt,
      long readyUp,
      @Nullable Long allocatedUp,
      @Nullable Long stoppingUp,
      Reserved reserved) {
    static Life read(ResultSet row) throws SQLException {
      return new Life(
          row.getString(1),
          row.getString(2),
          Nanos.read(row, 3),
          row.getLong(4),
          UsageRows.nullable(row, 5),
          UsageRows.nullable(row, 6),
          new Reserved(row.getInt(7), row.getLong(8)));
    }

    MeteredLife until(long now) {
      return new MeteredLife(
          readyAt, readyUp, allocatedUp, stoppingUp == null ? now : stoppingUp, reserved);
    }
  }
}
