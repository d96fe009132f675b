package dev.sandpool.server.ledger.sqlite;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One connection and its prepared statements, kept by their text. Used by one thread at a time. */
final class Db implements AutoCloseable {
  private final Connection connection;
  private final Map<String, PreparedStatement> prepared = new HashMap<>();

  Db(Connection connection) {
    this.connection = connection;
  }

  /** Makes a value of the row that the result set stands on. */
  interface RowMapper<T> {
    T map(ResultSet row) throws SQLException;
  }

  /** All rows; also of a statement that changes and returns. */
  <T> List<T> list(RowMapper<T> mapper, String sql, @Nullable Object... arguments)
      throws SQLException {
    try (ResultSet rows = bind(sql, arguments).executeQuery()) {
      List<T> result = new ArrayList<>();
      while (rows.next()) {
        result.add(mapper.map(rows));
      }
      return result;
    }
  }

  /** The first row; the others are stepped over, so that a changing statement runs to its end. */
  <T> Optional<T> first(RowMapper<T> mapper, String sql, @Nullable Object... arguments)
      throws SQLException {
    return list(mapper, sql, arguments).stream().findFirst();
  }

  /** Runs a changing statement and answers how many rows it changed. */
  int update(String sql, @Nullable Object... arguments) throws SQLException {
    return bind(sql, arguments).executeUpdate();
  }

  /** Runs a statement that is a fixed word, such as COMMIT. */
  void run(String sql) throws SQLException {
    bind(sql).execute();
  }

  /** Does work that reads more than once on one state of the file. */
  <T> T snapshot(Job.Work<T> work) throws SQLException {
    run("BEGIN");
    try {
      return work.run(this);
    } finally {
      run("ROLLBACK");
    }
  }

  /** Runs several statements, separated by semicolons. */
  void script(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }

  private PreparedStatement bind(String sql, @Nullable Object... arguments) throws SQLException {
    PreparedStatement statement = prepared.get(sql);
    if (statement == null) {
      statement = connection.prepareStatement(sql);
      prepared.put(sql, statement);
    }
    for (int i = 0; i < arguments.length; i++) {
      Object argument = arguments[i];
      if (argument == null) {
        statement.setNull(i + 1, java.sql.Types.NULL);
      } else {
        statement.setObject(i + 1, argument);
      }
    }
    return statement;
  }

  /** Closes the connection, which closes its statements; what was not committed is lost. */
  @Override
  public void close() throws SQLException {
    connection.close();
  }
}
