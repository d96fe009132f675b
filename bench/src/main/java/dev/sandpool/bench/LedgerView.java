package dev.sandpool.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.sqlite.SQLiteConfig;

/**
 * The server's ledger, read from beside it: who is ready, without a request that the server would
 * have to answer while it is measured.
 */
record LedgerView(Path file) {
  /** A sandbox that can be reached. */
  record Sandbox(String id, String address, int port) {}

  /** Whether so many are ready and nothing is starting or stopping. */
  boolean quiet(int ready) throws IOException {
    String counts =
        "SELECT coalesce(sum(state = 'READY'), 0) || ' '"
            + " || coalesce(sum(state IN ('STARTING', 'STOPPING')), 0), '', 0 FROM sandbox";
    return read(counts).getFirst().id().equals(ready + " 0");
  }

  /** The sandbox that the next claim will take: the one that has been ready longest. */
  Sandbox next() throws IOException {
    return read("SELECT id, address, target_port FROM sandbox WHERE state = 'READY'"
            + " ORDER BY ready_at, id LIMIT 1")
        .getFirst();
  }

  /** The sandbox that was claimed last. */
  Sandbox lastClaimed() throws IOException {
    return read("SELECT id, address, target_port FROM sandbox WHERE state = 'ALLOCATED'"
            + " ORDER BY allocated_at DESC LIMIT 1")
        .getFirst();
  }

  private List<Sandbox> read(String query) throws IOException {
    var config = new SQLiteConfig();
    config.setReadOnly(true);
    config.setBusyTimeout(5000);
    List<Sandbox> rows = new ArrayList<>();
    try (var connection = config.createConnection("jdbc:sqlite:" + file);
        var statement = connection.createStatement();
        ResultSet row = statement.executeQuery(query)) {
      while (row.next()) {
        rows.add(
            new Sandbox(
                Objects.requireNonNull(row.getString(1)),
                Objects.requireNonNull(row.getString(2)),
                row.getInt(3)));
      }
      return rows;
    } catch (SQLException e) {
      throw new IOException("the ledger cannot be read: " + e.getMessage(), e);
    }
  }
}
