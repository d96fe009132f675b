package dev.sandpool.server.ledger.sqlite;

import static dev.sandpool.server.ledger.Samples.NOW;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.ledger.ClaimResult;
import dev.sandpool.server.ledger.Claimant;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.LedgerContract;
import dev.sandpool.server.ledger.LedgerUnavailableException;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.ledger.Samples;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.TooMuchUsageException;
import dev.sandpool.server.ledger.UsageLedger;
import dev.sandpool.server.secret.DataKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SqliteLedgerTest extends LedgerContract {
  private static final DataKey KEY = DataKey.of(new byte[32]);
  private static final Limits SMALL = new Limits(4, 256, 2, Duration.ofMillis(100), 400);

  @TempDir private Path directory = Path.of("set by JUnit");

  @Override
  protected Ledger open() throws IOException {
    return SqliteLedger.open(file(), KEY);
  }

  private Path file() {
    return directory.resolve("ledger.db");
  }

  private void reopen(Limits limits) throws IOException {
    ledger().close();
    replaceLedger(SqliteLedger.open(file(), KEY, limits));
  }

  @Test
  void everythingSurvivesCloseAndOpen() throws IOException {
    PoolRecord pool = putPool(1, 5);
    ready(1, pool);
    SandboxRecord held = claimed(pool, "user-1");
    reopen(Limits.DEFAULT);
    assertThat(ledger().pools()).containsExactly(pool);
    assertThat(ledger().sandboxes()).containsExactly(held);
    assertThat(claim(pool, "user-1")).isEqualTo(new ClaimResult.AlreadyHeld(held));
    assertThat(ledger().claimCount()).isEqualTo(1);
  }

  /** SQLite would go on writing to a file that nobody will ever open again. */
  @Test
  void aFileMovedIntoItsPlaceWhileItIsOpenIsNoticedAndNothingIsClaimedAnyMore() throws IOException {
    PoolRecord pool = putPool(1, 5);
    ready(1, pool);
    ledger().touch();
    Files.copy(file(), directory.resolve("older"));
    Files.move(directory.resolve("older"), file(), StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> ledger().touch())
        .isInstanceOf(LedgerUnavailableException.class)
        .hasMessageContaining("replaced");
    assertThatThrownBy(() -> claim(pool, "user-1")).isInstanceOf(LedgerUnavailableException.class);
    assertThat(ledger().pools()).as("it can still be read").containsExactly(pool);
  }

  /** What kill -9 leaves: the files as they are while the ledger is open (G4, G6). */
  @Test
  void everythingAnsweredSurvivesAKill() throws IOException {
    PoolRecord pool = putPool(1, 5);
    ready(1, pool);
    ready(2, pool);
    SandboxRecord held = claimed(pool, "user-1");
    Path copy = Files.createDirectory(directory.resolve("copy"));
    for (String name : List.of("ledger.db", "ledger.db-wal")) {
      Files.copy(directory.resolve(name), copy.resolve(name));
    }
    try (Ledger after = SqliteLedger.open(copy.resolve("ledger.db"), KEY)) {
      assertThat(after.claim(Samples.key(pool, "user-1"), NOW))
          .isEqualTo(new ClaimResult.AlreadyHeld(held));
      assertThat(after.sandboxes()).containsExactlyInAnyOrderElementsOf(ledger().sandboxes());
      assertThat(after.claimCount()).isEqualTo(1);
    }
  }

  @Test
  void noSecretAndNoIdentifierIsInTheFiles() throws IOException {
    PoolRecord pool = putPool(1, 5);
    ready(1, pool);
    claimed(pool, "identifier-of-ann");
    byte[] all = new byte[0];
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.toList()) {
        byte[] bytes = Files.readAllBytes(file);
        int length = all.length;
        all = java.util.Arrays.copyOf(all, length + bytes.length);
        System.arraycopy(bytes, 0, all, length, bytes.length);
      }
    }
    String text = new String(all, StandardCharsets.ISO_8859_1);
    assertThat(text).contains(pool.id().value());
    assertThat(text.contains("hunter2")).isFalse();
    assertThat(text.contains("identifier-of-ann")).isFalse();
  }

  @Test
  void filesAreTheOwnersAlone() throws IOException {
    putPool(1, 5);
    try (Stream<Path> files = Files.list(directory)) {
      assertThat(files.toList())
          .hasSizeGreaterThan(1)
          .allSatisfy(
              file ->
                  assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                      .isEqualTo("rw-------"));
    }
  }

  @Test
  void anotherDataKeyIsRefused() {
    ledger().close();
    byte[] other = HexFormat.of().parseHex("01".repeat(32));
    assertThatThrownBy(() -> SqliteLedger.open(file(), DataKey.of(other)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("another data key");
  }

  @Test
  void newerSchemaIsRefused() throws SQLException {
    ledger().close();
    raw("INSERT INTO migration VALUES (99, '0099-later.sql', 'x')");
    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("newer Sandpool")
        .hasMessageContaining("99");
  }

  @Test
  void changedMigrationIsRefused() throws SQLException {
    ledger().close();
    raw("UPDATE migration SET checksum = 'x'");
    assertThatThrownBy(this::open).isInstanceOf(IOException.class).hasMessageContaining("checksum");
  }

  @Test
  void foreignOrBrokenFileIsRefused() throws Exception {
    Path foreign = directory.resolve("foreign.db");
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + foreign);
        Statement statement = connection.createStatement()) {
      statement.executeUpdate("CREATE TABLE t (a)");
    }
    assertThatThrownBy(() -> SqliteLedger.open(foreign, KEY))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("not a ledger");
    Path broken = Files.writeString(directory.resolve("broken.db"), "no database".repeat(100));
    assertThatThrownBy(() -> SqliteLedger.open(broken, KEY))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("cannot be opened");
  }

  @Test
  void lockedFileFailsWritesAndRecovers() throws Exception {
    reopen(SMALL);
    PoolRecord pool = putPool(1, 5);
    ready(1, pool);
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = connection.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      assertThatThrownBy(() -> claim(pool, "user-1"))
          .isInstanceOf(LedgerUnavailableException.class);
      assertThatThrownBy(() -> claim(pool, "user-1"))
          .isInstanceOf(LedgerUnavailableException.class);
      assertThat(ledger().sandboxes()).hasSize(1);
      statement.execute("ROLLBACK");
    }
    claimed(pool, "user-1");
  }

  @Test
  void fullFileFailsWritesAndRecovers() throws IOException {
    reopen(SMALL);
    PoolRecord pool = putPool(1, 5);
    ready(1, pool);
    int written = fill();
    assertThat(ledger().resources("big", "")).hasSize(written);
    assertThat(ledger().pool(pool.id())).contains(pool);
    ledger().deleteResource("/big/0");
    ledger().putResource(big(written));
    claimed(pool, "user-1");
  }

  /** SQLite gives up the whole transaction when the disk is full; the small ones still fit. */
  @Test
  void fullFileFailsOnlyWhatDoesNotFit() throws Exception {
    reopen(SMALL);
    PoolRecord pool = putPool(1, 5);
    ready(1, pool);
    fill();
    List<java.util.concurrent.Callable<Boolean>> calls = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      calls.add(() -> put(big(999)));
      calls.add(() -> claim(pool, "user-1") instanceof ClaimResult.Claimed);
    }
    assertThat(all(calls)).filteredOn(done -> done).hasSize(1);
    assertThat(ledger().claimCount()).isEqualTo(1);
  }

  private boolean put(ResourceRecord resource) {
    try {
      ledger().putResource(resource);
      return true;
    } catch (LedgerUnavailableException e) {
      return false;
    }
  }

  private int fill() {
    for (int i = 0; ; i++) {
      try {
        ledger().putResource(big(i));
      } catch (LedgerUnavailableException e) {
        assertThat(e).hasMessageContaining("full");
        return i;
      }
      assertThat(i).isLessThan(1_000);
    }
  }

  private static ResourceRecord big(int number) {
    return new ResourceRecord("/big/" + number, "big", "x".repeat(20_000), "a", NOW, "b", NOW);
  }

  @Test
  void brokenConnectionIsReplaced() throws Exception {
    PoolRecord pool = putPool(1, 5);
    ready(1, pool);
    Path aside = directory.resolve("aside");
    Files.move(file(), aside);
    reopenConnections();
    assertThatThrownBy(() -> claim(pool, "user-1")).isInstanceOf(LedgerUnavailableException.class);
    assertThat(file()).doesNotExist();
    Files.move(aside, file());
    claimed(pool, "user-1");
  }

  /** Makes the writer give its connection up, as an input/output error would. */
  private void reopenConnections() {
    var ledger = (SqliteLedger) ledger();
    assertThatThrownBy(ledger::breakWriter).isInstanceOf(LedgerUnavailableException.class);
  }

  @Test
  void fullQueueRefusesAtOnceAndTheAcceptedAreDone() throws Exception {
    reopen(new Limits(4, 1, 1, Duration.ofSeconds(30), 10_000));
    var ledger = (SqliteLedger) ledger();
    var done = new AtomicInteger();
    List<Thread> callers = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = connection.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      for (int i = 0; i < 5; i++) {
        callers.add(Thread.startVirtualThread(() -> putAndCount(done)));
        int waiting = i;
        await().until(() -> ledger.waitingWrites() == waiting);
      }
      assertThatThrownBy(() -> putPool(1, 5))
          .isInstanceOf(LedgerUnavailableException.class)
          .hasMessageContaining("4 operations");
      assertThat(done).hasValue(0);
      statement.execute("ROLLBACK");
    }
    for (Thread caller : callers) {
      caller.join();
    }
    assertThat(done).hasValue(5);
  }

  /** The event loop that asks must be answered at once, and not be thrown at. */
  @Test
  void claimantIsToldOfAFullQueueAtOnce() throws Exception {
    reopen(new Limits(1, 1, 1, Duration.ofSeconds(30), 10_000));
    var ledger = (SqliteLedger) ledger();
    PoolRecord pool = putPool(1, 5);
    ready(1, pool);
    var first = new Told();
    var second = new Told();
    var refused = new Told();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = connection.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      ledger.claim(Samples.key(pool, "user-1"), NOW, first);
      await().until(() -> ledger.waitingWrites() == 0);
      ledger.claim(Samples.key(pool, "user-2"), NOW, second);
      ledger.claim(Samples.key(pool, "user-3"), NOW, refused);
      assertThat(refused.all)
          .singleElement()
          .isInstanceOfSatisfying(
              LedgerUnavailableException.class,
              refusal -> assertThat(refusal).hasMessageContaining("1 operations"));
      assertThat(first.all).isEmpty();
      statement.execute("ROLLBACK");
    }
    await().until(() -> first.all.size() == 1 && second.all.size() == 1);
    assertThat(first.all.element()).isInstanceOf(ClaimResult.Claimed.class);
    assertThat(second.all.element()).isInstanceOf(ClaimResult.NoneReady.class);
    assertThat(refused.all).hasSize(1);
  }

  @Test
  void claimantIsToldWhenTheFileCannotBeWritten() throws Exception {
    reopen(SMALL);
    PoolRecord pool = putPool(1, 5);
    ready(1, pool);
    var told = new Told();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = connection.createStatement()) {
      statement.execute("BEGIN IMMEDIATE");
      ledger().claim(Samples.key(pool, "user-1"), NOW, told);
      await().until(() -> !told.all.isEmpty());
      statement.execute("ROLLBACK");
    }
    assertThat(told.all).singleElement().isInstanceOf(LedgerUnavailableException.class);
    claimed(pool, "user-1");
  }

  @Test
  void claimantOfAClosedLedgerIsRefused() {
    PoolRecord pool = putPool(1, 5);
    ledger().close();
    var told = new Told();
    ledger().claim(Samples.key(pool, "user-1"), NOW, told);
    assertThat(told.all).singleElement().isInstanceOf(LedgerUnavailableException.class);
  }

  /** The writer is everybody's: it must outlive what one claimant does. */
  @Test
  void claimantThatThrowsHarmsNobodyElse() {
    PoolRecord pool = putPool(1, 5);
    ready(1, pool);
    ready(2, pool);
    var told = new Told();
    told.throwing = true;
    ledger().claim(Samples.key(pool, "user-1"), NOW, told);
    claimed(pool, "user-2");
    assertThat(told.all).hasSize(1);
  }

  private static final class Told implements Claimant {
    final Queue<Object> all = new ConcurrentLinkedQueue<>();
    volatile boolean throwing;

    @Override
    public void decided(ClaimResult result) {
      all.add(result);
      if (throwing) {
        throw new IllegalStateException("a claimant's own fault");
      }
    }

    @Override
    public void failed(RuntimeException cause) {
      all.add(cause);
    }
  }

  private void putAndCount(AtomicInteger done) {
    ledger().putResource(Samples.resource("/a", "t"));
    done.incrementAndGet();
  }

  @Test
  void failingOneLeavesOthersOfItsGroup() throws Exception {
    PoolRecord pool = putPool(1, 100);
    List<java.util.concurrent.Callable<Boolean>> calls = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      int number = i / 2;
      calls.add(() -> startedFirst(number, pool));
    }
    assertThat(all(calls).stream().filter(first -> first)).hasSize(50);
    assertThat(ledger().sandboxes()).hasSize(50);
  }

  private boolean startedFirst(int number, PoolRecord pool) {
    try {
      start(number, pool);
      return true;
    } catch (IllegalStateException e) {
      return false;
    }
  }

  @Test
  void closedLedgerRefuses() {
    ledger().close();
    ledger().close();
    assertThatThrownBy(() -> ledger().pools()).isInstanceOf(LedgerUnavailableException.class);
    assertThatThrownBy(() -> putPool(1, 5)).isInstanceOf(LedgerUnavailableException.class);
    assertThat(directory.resolve("ledger.db-wal")).doesNotExist();
  }

  /** A scan or a sort would make claims slower with every sandbox. */
  @Test
  void claimIsFoundByIndexAlone() throws SQLException {
    List<String> plan = new ArrayList<>();
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = connection.createStatement();
        var rows = statement.executeQuery("EXPLAIN QUERY PLAN " + Claims.CLAIM)) {
      while (rows.next()) {
        plan.add(rows.getString("detail"));
      }
    }
    assertThat(plan)
        .noneMatch(step -> step.startsWith("SCAN") || step.contains("TEMP B-TREE"))
        .anyMatch(step -> step.contains("sandbox_ready"))
        .anyMatch(step -> step.contains("sandbox_held"));
  }

  /** A year of hours of many pools does not fit into memory; days of it do. */
  @Test
  void moreSumsOfUsageThanCanBeHeldAreRefused() throws SQLException {
    var usage = (UsageLedger) ledger();
    raw(
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200001)"
            + " INSERT INTO usage_hour SELECT i, 'p', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 FROM n");
    assertThatThrownBy(() -> usage.usage(Instant.EPOCH, NOW, Duration.ofHours(1)))
        .isInstanceOf(TooMuchUsageException.class);
    assertThat(usage.usage(Instant.EPOCH, NOW, Duration.ofDays(1))).as("of no pool").isEmpty();
  }

  private void raw(String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection("jdbc:sqlite:" + file());
        Statement statement = connection.createStatement()) {
      statement.executeUpdate(sql);
    }
  }
}
