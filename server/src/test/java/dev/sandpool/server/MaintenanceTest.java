package dev.sandpool.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sandpool.model.Json;
import dev.sandpool.server.config.MaintenanceCommandLine;
import dev.sandpool.server.identity.SigningKeys;
import dev.sandpool.server.ledger.ClaimMark;
import dev.sandpool.server.ledger.ClaimResult;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.ledger.Samples;
import dev.sandpool.server.ledger.SandboxRecord;
import dev.sandpool.server.ledger.SessionKey;
import dev.sandpool.server.ledger.sqlite.KeyChange;
import dev.sandpool.server.ledger.sqlite.SqliteLedger;
import dev.sandpool.server.secret.DataKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies of a ledger and changes of the data key, whole, cut short, and where they must not be. */
class MaintenanceTest {
  private static final Duration KEY_AGE = Duration.ofDays(90);

  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");
  private static final String SECRET = "hunter2-of-the-pool";
  private static final PoolRecord POOL = Samples.pool(1, 5);
  private static final SessionKey SESSION = Samples.key(POOL, "user-private");

  @TempDir private Path directory;
  private Path own;
  private Path ledger;
  private Maintenance maintenance;

  @BeforeEach
  void fill() throws Exception {
    own = Files.createDirectory(directory.resolve("server"));
    Files.writeString(directory.resolve("instance"), "abcd");
    ledger = own.resolve("ledger.db");
    maintenance = new Maintenance(directory);
    DataKey key = DataKey.loadOrCreate(own.resolve("data.key"));
    SigningKeys.loadOrCreate(own.resolve("signing.key"), key, KEY_AGE, Instant::now);
    fill(key);
  }

  private void fill(DataKey key) throws IOException {
    String sealed =
        Base64.getEncoder().encodeToString(key.seal(SECRET.getBytes(StandardCharsets.UTF_8)));
    try (SqliteLedger open = open(key)) {
      ResourceRecord document = Samples.document(POOL);
      open.putPool(
          POOL,
          new ResourceRecord(
              document.id(),
              document.type(),
              "{\"sealedSecrets\":{\"password\":\"%1$s\"},\"sealedKeys\":[\"%1$s\"]}"
                  .formatted(sealed),
              "ann",
              NOW,
              "ann",
              NOW));
      SandboxRecord sandbox = Samples.starting(1, POOL.desired().id(), POOL.network());
      open.recordStarting(sandbox);
      open.markReady(sandbox.id(), "10.0.0.1", NOW);
      open.claim(SESSION, NOW);
    }
  }

  private SqliteLedger open(DataKey key) throws IOException {
    return SqliteLedger.open(ledger, key, ClaimMark.inMemory());
  }

  private DataKey key() throws IOException {
    return DataKey.loadOrCreate(own.resolve("data.key"));
  }

  private void everythingOpens(DataKey key) throws IOException {
    try (SqliteLedger open = open(key)) {
      assertThat(open.pool(POOL.id())).contains(POOL);
      assertThat(open.sandboxes()).singleElement().matches(it -> SESSION.equals(it.session()));
      assertThat(open.claim(SESSION, NOW)).isInstanceOf(ClaimResult.AlreadyHeld.class);
      String document = open.resource(POOL.resourceId()).orElseThrow().document();
      for (String place : List.of("/sealedSecrets/password", "/sealedKeys/0")) {
        String sealed = Json.MAPPER.readTree(document).at(place).asString();
        assertThat(new String(key.open(Base64.getDecoder().decode(sealed)), StandardCharsets.UTF_8))
            .as(place)
            .isEqualTo(SECRET);
      }
    }
    SigningKeys.loadOrCreate(own.resolve("signing.key"), key, KEY_AGE, Instant::now);
  }

  // --- rotation --------------------------------------------------------------------------------

  @Test
  void aNewKeyOpensEverythingAndTheOldOneNothing() throws Exception {
    DataKey before = key();
    maintenance.rotateKey(Map.of());
    everythingOpens(key());
    assertThatThrownBy(() -> open(before)).hasMessageContaining("another data key");
    assertThatThrownBy(
            () ->
                SigningKeys.loadOrCreate(own.resolve("signing.key"), before, KEY_AGE, Instant::now))
        .isInstanceOf(IOException.class);
    assertThat(own.resolve("data.key.next")).doesNotExist();
  }

  @Test
  void aRotationThatWasCutShortIsGoneOnWithAndNoServerStartsBefore() throws Exception {
    DataKey before = key();
    DataKey after = DataKey.loadOrCreate(own.resolve("data.key.next"));
    KeyChange.run(ledger, before, after);
    assertThatThrownBy(() -> DataDirectory.open(directory))
        .hasMessageContaining("run sandpool rotate-key to its end");
    maintenance.rotateKey(Map.of());
    everythingOpens(key());
    DataDirectory.open(directory).close();
  }

  @Test
  void aRotationThatCannotSucceedLeavesTheServerAbleToStart() throws Exception {
    DataKey key = key();
    try (SqliteLedger open = open(key)) {
      ResourceRecord document = open.resource(POOL.resourceId()).orElseThrow();
      open.putResource(
          new ResourceRecord(
              document.id() + "2",
              document.type(),
              "{\"sealedKeys\":[\"bm90IHNlYWxlZA==\"]}",
              "ann",
              NOW,
              "ann",
              NOW));
    }
    assertThatThrownBy(() -> maintenance.rotateKey(Map.of())).isInstanceOf(IOException.class);
    DataDirectory.open(directory).close();
    everythingOpens(key);
  }

  @Test
  void rootDoesNotFollowALinkThatTheServersUserHasPut() throws Exception {
    Path other = Files.writeString(directory.resolve("other"), "not yours");
    Files.createSymbolicLink(own.resolve("ledger.db.new"), other);
    assertThatThrownBy(() -> maintenance.rotateKey(Map.of())).hasMessageContaining("is a link");
    assertThatThrownBy(() -> maintenance.restore(ledger, Map.of()))
        .hasMessageContaining("is a link");
    assertThat(other).hasContent("not yours");
  }

  @Test
  void aKeyOfTheEnvironmentIsChangedToAnother() throws Exception {
    String old = Base64.getEncoder().encodeToString(Files.readAllBytes(own.resolve("data.key")));
    String fresh = Base64.getEncoder().encodeToString(new byte[32]);
    Files.delete(own.resolve("data.key"));
    var environment = Map.of(DataKey.VARIABLE, old, DataKey.NEW_VARIABLE, fresh);
    assertThatThrownBy(() -> maintenance.rotateKey(Map.of(DataKey.VARIABLE, old)))
        .hasMessageContaining(DataKey.NEW_VARIABLE);
    maintenance.rotateKey(environment);
    everythingOpens(DataKey.of(new byte[32]));
    assertThat(own.resolve("data.key")).doesNotExist();
    DataDirectory.open(directory, Map.of(DataKey.VARIABLE, fresh)).close();
  }

  @Test
  void aKeyOfTheEnvironmentThatIsNoneIsRefusedWithoutBeingRepeated() {
    assertThatThrownBy(
            () -> DataDirectory.open(directory, Map.of(DataKey.VARIABLE, "c2VjcmV0LXNlY3JldA==")))
        .hasMessage("SANDPOOL_DATA_KEY is not 32 bytes in base64");
  }

  @Test
  void neitherKeyNorLedgerIsTouchedWhileAServerHasThem() throws Exception {
    try (DataDirectory server = DataDirectory.open(directory)) {
      assertThat(server.own()).isEqualTo(own);
      assertThatThrownBy(() -> maintenance.rotateKey(Map.of()))
          .isInstanceOf(DataDirectoryBusyException.class);
      assertThatThrownBy(() -> maintenance.restore(ledger, Map.of()))
          .isInstanceOf(DataDirectoryBusyException.class);
    }
    everythingOpens(key());
  }

  // --- copies ----------------------------------------------------------------------------------

  @Test
  void aCopyIsTakenWhileTheServerWritesAndComesBackWhole() throws Exception {
    Path copy = directory.resolve("copy.db");
    try (SqliteLedger open = open(key())) {
      var over = new AtomicBoolean();
      Thread writing =
          Thread.ofVirtual()
              .start(
                  () -> {
                    while (!over.get()) {
                      open.putResource(Samples.resource("/busy", "type"));
                    }
                  });
      maintenance.backUp(copy);
      over.set(true);
      writing.join();
      open.markStopping(Samples.sandboxId(1), "after the copy", NOW);
    }
    assertThat(Files.getPosixFilePermissions(copy)).hasSize(2);
    maintenance.restore(copy, Map.of());
    everythingOpens(key());
  }

  @Test
  void aCopyHoldsNoSecretInPlain() throws Exception {
    Path copy = directory.resolve("copy.db");
    maintenance.backUp(copy);
    String bytes = Files.readString(copy, StandardCharsets.ISO_8859_1);
    assertThat(bytes).contains(POOL.resourceId()).doesNotContain("hunter2", SESSION.identifier());
  }

  @Test
  void whatIsNoCopyOfThisLedgerIsRefusedAndTheLedgerStays() throws Exception {
    Path copy = directory.resolve("copy.db");
    maintenance.backUp(copy);
    assertThatThrownBy(() -> maintenance.backUp(copy)).hasMessageContaining("is there already");
    Path nonsense = Files.writeString(directory.resolve("nonsense"), "x".repeat(5000));
    assertThatThrownBy(() -> maintenance.restore(nonsense, Map.of()))
        .isInstanceOf(IOException.class);
    maintenance.rotateKey(Map.of());
    assertThatThrownBy(() -> maintenance.restore(copy, Map.of()))
        .hasMessageContaining("another data key");
    everythingOpens(key());
  }

  // --- command line ----------------------------------------------------------------------------

  @Test
  void misuseIsOneLineAndHelpIsHelp() {
    assertThat(MaintenanceCommandLine.parse(List.of("backup")))
        .isEqualTo(
            new MaintenanceCommandLine.Parsed.Misuse(
                "sandpool backup: the FILE is missing; see sandpool backup --help"));
    assertThat(MaintenanceCommandLine.parse(List.of("rotate-key", "x")))
        .isInstanceOf(MaintenanceCommandLine.Parsed.Misuse.class);
    assertThat(MaintenanceCommandLine.parse(List.of("restore", "--help")))
        .isInstanceOf(MaintenanceCommandLine.Parsed.Help.class);
    assertThat(MaintenanceCommandLine.parse(List.of("restore", "/x", "--data-dir", "/d")))
        .isEqualTo(new MaintenanceCommandLine.Parsed.Restore(Path.of("/d"), Path.of("/x")));
  }
}
