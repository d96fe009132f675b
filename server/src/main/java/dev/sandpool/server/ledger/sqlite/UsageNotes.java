package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.server.ledger.Consumption;
import dev.sandpool.server.ledger.Traffic;
import dev.sandpool.server.ledger.UsageAmounts;
import dev.sandpool.server.time.Uptime;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What others measure of sandboxes, on its way into rows of usage. Counters are absolute: how much
 * of each is counted stands with the sandbox, and is moved on in the transaction that adds the
 * rest, so that a note which comes twice adds nothing.
 */
final class UsageNotes {
  private final Uptime uptime;

  /**
   * Names this opening of the ledger: counters of the kernel go on after a restart of the server,
   * those of the gateway begin anew.
   */
  private final String run = UUID.randomUUID().toString();

  UsageNotes(Uptime uptime) {
    this.uptime = uptime;
  }

  Job.Work<Integer> consumed(List<Consumption> seen, Instant now) {
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
      return new Counted(
          row.getString(1), row.getLong(2), UsageRows.nullable(row, 3), UsageRows.nullable(row, 4));
    }
  }

  private int note(Db db, Consumption seen, Instant now) throws SQLException {
    String sandbox = seen.sandbox().value();
    List<Counted> rows =
        db.list(
            Counted::read,
            """
            SELECT pool, counted_cpu, coalesce(counted_up, ready_up), stopping_up
            FROM sandbox WHERE id = ? AND state <> 'GONE'
            """,
            sandbox);
    for (Counted counted : rows) {
      long end = counted.endUp == null ? uptime.nanos() : counted.endUp;
      long nanos = counted.fromUp == null ? 0 : Math.max(0, end - counted.fromUp);
      // Of whole microseconds both times, so that no part of one is lost or counted twice.
      long cpu = Math.max(0, seen.cpuNanos() / 1000 - counted.cpuNanos / 1000);
      long memory = ((seen.memoryBytes() >> 10) * (nanos / 1_000_000)) >> 10;
      UsageAmounts more = UsageAmounts.consumed(cpu, memory);
      UsageRows.add(db, UsageRows.hour(now), counted.pool, sandbox, more);
      db.update(
          """
          UPDATE sandbox SET counted_cpu = max(counted_cpu, ?),
            counted_up = iif(ready_up IS NULL, NULL, max(coalesce(counted_up, 0), ?))
          WHERE id = ?
          """,
          seen.cpuNanos(),
          end,
          sandbox);
    }
    return rows.size();
  }

  Job.Work<Integer> passed(List<Traffic> seen, Instant now) {
    return db -> {
      int noted = 0;
      for (Traffic one : seen) {
        noted += note(db, one, now);
      }
      return noted;
    };
  }

  private record Passed(String pool, long requests, long bytesIn, long bytesOut) {}

  /** Also of one that is Gone: its last bytes are noted after it. */
  private int note(Db db, Traffic seen, Instant now) throws SQLException {
    String sandbox = seen.sandbox().value();
    List<Passed> rows =
        db.list(
            this::passed,
            """
            SELECT pool, counted_run, counted_requests, counted_in, counted_out
            FROM sandbox WHERE id = ?
            """,
            sandbox);
    for (Passed counted : rows) {
      long requests = Math.max(counted.requests, seen.requests());
      long in = Math.max(counted.bytesIn, seen.bytesIn());
      long out = Math.max(counted.bytesOut, seen.bytesOut());
      UsageAmounts more =
          UsageAmounts.traffic(
              requests - counted.requests, in - counted.bytesIn, out - counted.bytesOut);
      UsageRows.add(db, UsageRows.hour(now), counted.pool, sandbox, more);
      db.update(
          """
          UPDATE sandbox SET counted_run = ?, counted_requests = ?, counted_in = ?, counted_out = ?
          WHERE id = ?
          """,
          run,
          requests,
          in,
          out,
          sandbox);
    }
    return rows.size();
  }

  private Passed passed(ResultSet row) throws SQLException {
    String pool = row.getString(1);
    return run.equals(row.getString(2))
        ? new Passed(pool, row.getLong(3), row.getLong(4), row.getLong(5))
        : new Passed(pool, 0, 0, 0);
  }
}
