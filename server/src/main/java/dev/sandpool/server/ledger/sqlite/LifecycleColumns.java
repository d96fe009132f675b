package dev.sandpool.server.ledger.sqlite;

import dev.sandpool.server.ledger.Lifecycle;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A lifecycle as the columns {@code cooldown} and {@code max_alive}, in nanoseconds. */
final class LifecycleColumns {
  private LifecycleColumns() {}

  static Lifecycle read(ResultSet row) throws SQLException {
    long maxAlive = row.getLong("max_alive");
    return row.wasNull()
        ? new Lifecycle.Timed(Duration.ofNanos(row.getLong("cooldown")))
        : new Lifecycle.OnContainerExit(Duration.ofNanos(maxAlive));
  }

  static long cooldown(Lifecycle lifecycle) {
    return lifecycle instanceof Lifecycle.Timed timed ? timed.cooldown().toNanos() : 0;
  }

  static @Nullable Long maxAlive(Lifecycle lifecycle) {
    return lifecycle instanceof Lifecycle.OnContainerExit exit ? exit.maxAlive().toNanos() : null;
  }
}
