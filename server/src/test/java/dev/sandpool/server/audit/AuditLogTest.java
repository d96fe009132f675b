package dev.sandpool.server.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.audit.AuditEvent.Kind;
import dev.sandpool.server.audit.AuditEvent.Result;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A record that can be lost, torn or changed unseen is no record. */
class AuditLogTest {
  private static final Instant NOW = Instant.parse("2026-11-29T20:00:00Z");
  private static final long ROOMY = 1L << 30;

  @TempDir private Path folder;

  private AuditSettings settings(long segmentBytes, long maxBytes) {
    return new AuditSettings(folder, maxBytes, Duration.ofDays(365), segmentBytes);
  }

  private AuditLog open() throws IOException {
    return open(settings(ROOMY, ROOMY));
  }

  private static AuditLog open(AuditSettings settings) throws IOException {
    return AuditLog.open(
        settings, identifier -> "hash-of-" + identifier.length(), InstantSource.fixed(NOW));
  }

  private static AuditEvent event(String resource) {
    return AuditEvent.of(NOW, Kind.CHANGE, "PUT", Result.DONE)
        .by("me", "10.0.0.1")
        .on(resource, null);
  }

  private List<JsonNode> all() throws IOException {
    return new AuditReader(folder).after(0, AuditQuery.ALL, 100_000);
  }

  private List<Path> segments() throws IOException {
    return new Segments(folder).list();
  }

  @Test
  void whatIsRecordedIsOnTheDiskWithoutItsIdentifier() throws IOException {
    try (AuditLog audit = open()) {
      audit.record(event("pool").on("pool", "secret-identifier").because("Why").in("r-1"));

      JsonNode line = all().getFirst();
      assertThat(line.path("seq").asLong()).isEqualTo(1);
      assertThat(line.path("actor").asString()).isEqualTo("me");
      assertThat(line.path("from").asString()).isEqualTo("10.0.0.1");
      assertThat(line.path("session").asString()).isEqualTo("hash-of-17");
      assertThat(line.path("code").asString()).isEqualTo("Why");
      assertThat(Files.readString(segments().getFirst())).doesNotContain("secret-identifier");
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(segments().getFirst())))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void whatIsLeftToBeWrittenIsWrittenByItselfAndAtTheEnd() throws IOException {
    try (AuditLog audit = open()) {
      audit.note(event("soon"));
      await().untilAsserted(() -> assertThat(all()).hasSize(1));
      audit.note(event("at the end"));
    }
    assertThat(all()).hasSize(2);
  }

  @Test
  void lineThatWasNotEndedGoesAndTheChainGoesOn() throws IOException {
    try (AuditLog audit = open()) {
      audit.record(event("one"));
    }
    Files.writeString(segments().getFirst(), "{\"seq\":2,\"ti", StandardOpenOption.APPEND);

    try (AuditLog audit = open()) {
      audit.record(event("two"));
    }

    assertThat(all())
        .extracting(line -> line.path("resource").asString())
        .containsExactly("one", "two");
    assertThat(new AuditReader(folder).examine())
        .isEqualTo(new AuditReader.Examination(1, 2, null));
  }

  @Test
  void changeOfAnyRecordShows() throws IOException {
    try (AuditLog audit = open()) {
      IntStream.rangeClosed(1, 5).forEach(i -> audit.record(event("resource-" + i)));
    }
    Path file = segments().getFirst();
    List<String> lines = Files.readAllLines(file);
    assertThat(new AuditReader(folder).examine().broken()).isNull();

    Files.writeString(file, Files.readString(file).replace("resource-3", "resource-9"));
    assertThat(new AuditReader(folder).examine().broken()).contains("record 4 does not follow");

    Files.write(file, List.of(lines.get(0), lines.get(1), lines.get(3), lines.get(4)));
    assertThat(new AuditReader(folder).examine())
        .extracting(AuditReader.Examination::last, AuditReader.Examination::broken)
        .containsExactly(2L, file.getFileName() + ": record 3 is missing");

    Files.write(file, List.of(lines.get(0), lines.get(2), lines.get(1)));
    assertThat(new AuditReader(folder).examine().broken()).isNotNull();
  }

  @Test
  void whatIsNoRecordIsNotWrittenInto() throws IOException {
    Files.writeString(folder.resolve("audit-0000000000000001.jsonl"), "something else\n");

    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("audit-0000000000000001.jsonl")
        .hasMessageContaining("move the file away");
  }

  @Test
  void oldestFilesGoAndTheRestStaysWhole() throws IOException {
    try (AuditLog audit = open(settings(1000, 4000))) {
      for (int i = 0; i < 100; i++) {
        audit.record(event("resource-" + i));
      }
    }

    assertThat(segments().stream().mapToLong(file -> file.toFile().length()).sum())
        .isBetween(2000L, 6000L);
    AuditReader.Examination seen = new AuditReader(folder).examine();
    assertThat(seen.broken()).isNull();
    assertThat(seen.first()).isGreaterThan(50);
    assertThat(seen.last()).isEqualTo(100);
  }

  @Test
  void filesThatAreTooOldGo() throws IOException {
    try (AuditLog audit = open(settings(1, ROOMY))) {
      audit.record(event("old"));
      audit.record(event("new"));
      Files.setLastModifiedTime(
          segments().getFirst(), FileTime.from(NOW.minus(Duration.ofDays(366))));
      audit.record(event("newest"));
    }

    assertThat(all())
        .extracting(line -> line.path("resource").asString())
        .containsExactly("new", "newest");
  }

  @Test
  void fileIsADaysAtMostSoThatOldOnesCanGo() throws IOException {
    try (var file = AuditFile.open(settings(ROOMY, ROOMY), name -> name, NOW)) {
      file.write(List.of(event("one")), NOW);
      file.write(List.of(event("two")), NOW.plus(Duration.ofHours(23)));
      file.write(List.of(event("three")), NOW.plus(Duration.ofHours(25)));
    }

    assertThat(segments()).hasSize(2);
    assertThat(new AuditReader(folder).examine())
        .isEqualTo(new AuditReader.Examination(1, 3, null));
  }

  /** The second file is a device that has no room, as the disk would be. */
  @Test
  void fullDiskRefusesWhatMustBeRecordedAndKeepsTheRestForLater() throws IOException {
    Path full = folder.resolve("audit-0000000000000002.jsonl");
    try (AuditLog audit = open(settings(1, ROOMY))) {
      audit.record(event("before"));
      Files.createSymbolicLink(full, Path.of("/dev/full"));

      assertThatThrownBy(() -> audit.record(event("refused")))
          .isInstanceOf(AuditUnavailableException.class)
          .hasMessageContaining("No space left");
      audit.attempt(event("token"));
      for (int i = 0; i < 2500; i++) {
        audit.note(event("session"));
      }
      assertThatThrownBy(() -> audit.record(event("refused again")))
          .isInstanceOf(AuditUnavailableException.class)
          .as("at once, although much waits before it")
          .hasMessageContaining("No space left");
      Files.delete(full);
    }
    assertThat(all())
        .extracting(line -> line.path("resource").asString())
        .containsExactly("before");
  }

  @Test
  void whatDoesNotFitIsCounted() throws Exception {
    long lost = 0;
    var file = AuditFile.open(settings(ROOMY, ROOMY), name -> name, NOW);
    try (AuditLog audit = new AuditLog(file, InstantSource.fixed(NOW), 10)) {
      for (int i = 0; i < 5000; i++) {
        audit.note(event("r"));
      }
    }
    long written = 0;
    for (JsonNode line : all()) {
      lost += line.at("/detail/events").asLong(0);
      written += line.path("action").asString().equals("PUT") ? 1 : 0;
    }
    assertThat(lost).isPositive();
    assertThat(written + lost).isEqualTo(5000);
  }

  /** Records without end, and says of each when it is told that it is durable. */
  static final class Recorder {
    private Recorder() {}

    public static void main(String[] args) throws IOException {
      var settings = new AuditSettings(Path.of(args[0]), ROOMY, Duration.ofDays(1), 4096);
      AuditLog audit = AuditLog.open(settings, name -> name, InstantSource.system());
      for (int i = 1; true; i++) {
        audit.record(event("r-" + i));
        System.out.println(i);
      }
    }
  }

  @Test
  void whatWasToldToBeRecordedOutlivesKill9(@TempDir Path other) throws Exception {
    Path said = other.resolve("said");
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Recorder.class.getName(),
                folder.toString())
            .redirectError(ProcessBuilder.Redirect.DISCARD)
            .redirectOutput(said.toFile())
            .start();
    try {
      await().atMost(Duration.ofMinutes(2)).until(() -> Files.readAllLines(said).size() > 200);
    } finally {
      process.destroyForcibly();
    }
    assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
    long told = Files.readString(said).chars().filter(c -> c == '\n').count();

    try (AuditLog audit = open()) {
      audit.record(event("after"));
    }
    List<JsonNode> records = all();
    assertThat(told).isGreaterThanOrEqualTo(200);
    for (int i = 1; i <= told; i++) {
      assertThat(records.get(i - 1).path("resource").asString()).isEqualTo("r-" + i);
    }
    assertThat(new AuditReader(folder).examine().broken()).isNull();
  }

  @Test
  void newestAndFollowingAreFoundOverAllFilesByWhatIsAsked() throws IOException {
    try (AuditLog audit = open(settings(500, ROOMY))) {
      for (int i = 1; i <= 40; i++) {
        audit.record(event(i % 4 == 0 ? "/Pools/Wanted" : "/pools/other"));
      }
    }
    var reader = new AuditReader(folder);
    var wanted = new AuditQuery(null, null, "ME", "wanted", null, null, null);

    assertThat(segments()).hasSizeGreaterThan(3);
    assertThat(reader.newest(wanted, 3))
        .extracting(line -> line.path("seq").asLong())
        .containsExactly(32L, 36L, 40L);
    assertThat(reader.after(30, wanted, 2))
        .extracting(line -> line.path("seq").asLong())
        .containsExactly(32L, 36L);
    assertThat(reader.after(40, wanted, 2)).isEmpty();
    var nobody = new AuditQuery("token", null, null, null, null, null, null);
    assertThat(reader.newest(nobody, 3)).isEmpty();
    var later = new AuditQuery(null, null, null, null, null, NOW.plusSeconds(1), null);
    assertThat(reader.newest(later, 3)).isEmpty();
  }
}
