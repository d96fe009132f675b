package dev.sandpool.server.ledger.sqlite;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sandpool.model.PoolId;
import dev.sandpool.server.ledger.ClaimMark;
import dev.sandpool.server.ledger.ClaimResult;
import dev.sandpool.server.ledger.Lifecycle;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.Probes;
import dev.sandpool.server.ledger.Samples;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SandboxState;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.secret.DataKey;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Ledgers that an earlier release wrote, from the first schema on, and one of a later release. */
class MigrationTest {
  private static final DataKey KEY = DataKey.of(new byte[32]);
  private static final PoolId POOL = new PoolId("poolaaaaaa");
  private static final Instant THEN = Instant.parse("2026-01-02T03:04:05Z");

  /** A revision as the first release stored it. */
  private static final String REVISION =
      """
      {"image":"registry.test/app:1","imageDigest":"sha256:0123","registryServer":null,
       "registryUsername":null,"registryPassword":null,"command":[],"args":[],
       "env":{"TOKEN":"hunter2"},"cpu":0.25,"memoryBytes":536870912,"targetPort":8080,
       "isolation":null}
      """;

  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void place() {
    file = directory.resolve("ledger.db");
  }

  @Test
  void aLedgerOfTheFirstSchemaKeepsItsPoolsSandboxesAndSessions() throws Exception {
    first();
    try (SqliteLedger ledger = SqliteLedger.open(file, KEY, ClaimMark.inMemory())) {
      PoolRecord pool = ledger.pool(POOL).orElseThrow();
      assertThat(pool.lifecycle()).isEqualTo(new Lifecycle.Timed(Duration.ofMinutes(5)));
      assertThat(pool.desired().env()).containsEntry("TOKEN", "hunter2");
      assertThat(pool.desired().probes()).isEqualTo(Probes.NONE);
      SandboxRecord held = ledger.sandbox(Samples.sandboxId(1)).orElseThrow();
      assertThat(held.session()).isEqualTo(new SessionKey(POOL, "user-1"));
      assertThat(held.state()).isEqualTo(SandboxState.ALLOCATED);
      assertThat(held.liveness()).isNull();
      assertThat(ledger.claim(new SessionKey(POOL, "user-1"), THEN))
          .isInstanceOf(ClaimResult.AlreadyHeld.class);
      var claimed = (ClaimResult.Claimed) ledger.claim(new SessionKey(POOL, "user-2"), THEN);
      assertThat(claimed.sandbox().id()).isEqualTo(Samples.sandboxId(2));
      assertThat(claimed.lifecycle()).isEqualTo(pool.lifecycle());
    }
  }

  @Test
  void whatWasMigratedIsOpenedAgain() throws Exception {
    first();
    for (int open = 0; open < 2; open++) {
      try (SqliteLedger ledger = SqliteLedger.open(file, KEY, ClaimMark.inMemory())) {
        assertThat(ledger.pools()).hasSize(1);
      }
    }
  }

  @Test
  void aLedgerOfALaterReleaseIsRefusedAndNotTouched() throws Exception {
    first();
    SqliteLedger.open(file, KEY, ClaimMark.inMemory()).close();
    sql("INSERT INTO migration (version, name, checksum) VALUES (99, '0099-later.sql', 'x')");
    assertThatThrownBy(() -> SqliteLedger.open(file, KEY, ClaimMark.inMemory()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("was written by a newer Sandpool")
        .hasMessageContaining("version 99")
        .hasMessageContaining("Run the newer one, or restore a backup from before the upgrade");
  }

  private void first() throws Exception {
    String script = script();
    sql("PRAGMA application_id = " + 0x53504C47);
    sql(
        "CREATE TABLE migration (version INTEGER PRIMARY KEY, name TEXT NOT NULL, checksum TEXT NOT"
            + " NULL) STRICT");
    sql(script);
    String checksum =
        HexFormat.of()
            .formatHex(
                MessageDigest.getInstance("SHA-256")
                    .digest(script.getBytes(StandardCharsets.UTF_8)));
    sql("INSERT INTO migration VALUES (1, '0001-first.sql', '" + checksum + "')");
    pool();
    sandbox(1, "ALLOCATED", new SessionKey(POOL, "user-1"));
    sandbox(2, "READY", null);
  }

  private void pool() throws Exception {
    byte[] sealed = KEY.seal(REVISION.getBytes(StandardCharsets.UTF_8));
    try (Connection connection = connect();
        PreparedStatement insert =
            connection.prepareStatement(
                """
                INSERT INTO pool VALUES (?, 'r', 'e', 'n', 'R', 'E', 'N', 1, 10, 2, 300000000000,
                  'EgressDisabled', 1, ?, 1, ?, 'SUCCEEDED', NULL, NULL, 0)
                """)) {
      insert.setString(1, POOL.value());
      insert.setBytes(2, sealed);
      insert.setBytes(3, sealed);
      insert.executeUpdate();
    }
  }

  private void sandbox(int number, String state, @Nullable SessionKey key) throws Exception {
    var rows = new SandboxRows(KEY);
    try (Connection connection = connect();
        PreparedStatement insert =
            connection.prepareStatement(
                """
                INSERT INTO sandbox VALUES (?, ?, 1, ?, 'EgressDisabled', 1, 8080, ?, '10.0.0.1',
                  ?, ?, 0, 0, 0, 0, NULL, NULL)
                """)) {
      insert.setString(1, Samples.sandboxId(number).value());
      insert.setString(2, POOL.value());
      insert.setInt(3, number);
      insert.setString(4, state);
      insert.setBytes(5, key == null ? null : rows.hash(key));
      insert.setBytes(6, key == null ? null : rows.seal(key));
      insert.executeUpdate();
    }
  }

  private static String script() throws IOException {
    try (InputStream in =
        Objects.requireNonNull(Migrator.class.getResourceAsStream("0001-first.sql"))) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private void sql(String text) throws Exception {
    try (Connection connection = connect();
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(text);
    }
  }

  private Connection connect() throws Exception {
    return DriverManager.getConnection("jdbc:sqlite:" + file);
  }
}
