package dev.sandpool.server.engine.microvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines that wait for ever, begin with half a snapshot, or leave secrets on the disk. */
class SnapshotsTest {
  private static final long BYTES = 1 << 20;

  @TempDir Path folder = Path.of("/nonexistent");

  private Instant now = Instant.EPOCH;
  private final List<String> lost = new ArrayList<>();

  @BeforeEach
  void makeFolders() throws IOException {
    Files.createDirectory(folder.resolve("first"));
    Files.createDirectory(folder.resolve("second"));
  }

  private Path root() {
    return folder.resolve("snapshots");
  }

  private Snapshots open() throws IOException {
    return new Snapshots(
        root(), "boot-1", BYTES, () -> now, (name, why) -> lost.add(name + ": " + why));
  }

  private Path snapshot(String key, String name) throws IOException {
    Path made = Files.createDirectories(root().resolve(key));
    Files.writeString(made.resolve("memory"), "secret");
    Files.writeString(
        made.resolve("snapshot.json"),
        "{\"name\": \"%s\", \"boot\": \"boot-1\", \"noteBytes\": 8192, \"digests\": {}}"
            .formatted(name));
    return made;
  }

  @Test
  void whileOneBecomesThePattern_othersWait_untilItIsGone() throws IOException {
    Snapshots snapshots = open();
    Path first = folder.resolve("first");
    Path second = folder.resolve("second");

    assertThat(snapshots.birth("key", "r1", first)).contains(new Birth.Pattern("key"));
    assertThat(snapshots.birth("key", "r1", second)).isEmpty();
    assertThat(snapshots.birth("other", "r2", second)).contains(new Birth.Pattern("other"));

    Files.delete(first);
    assertThat(snapshots.birth("key", "r1", second)).contains(new Birth.Pattern("key"));
  }

  @Test
  void whereNoneCanBeMade_machinesBoot_andItIsSaid() throws IOException {
    Snapshots snapshots = open();
    Path first = folder.resolve("first");
    assertThat(snapshots.birth("key", "r1", first)).contains(new Birth.Pattern("key"));

    snapshots.refuse("key", "r1", "it did not freeze");

    assertThat(snapshots.birth("key", "r1", first)).contains(new Birth.Boot());
    assertThat(lost).containsExactly("r1: it did not freeze");
    now = now.plus(Snapshots.PAUSE);
    assertThat(snapshots.birth("key", "r1", first)).contains(new Birth.Pattern("key"));
  }

  @Test
  void filesOfAnUnfinishedOneAreGoneAfterARestart() throws IOException {
    Path unfinished = Files.createDirectories(root().resolve("key.unfinished"));
    Files.writeString(unfinished.resolve("memory"), "secret");

    open();

    assertThat(unfinished).doesNotExist();
  }

  @Test
  void damagedOneIsDeletedAndNotStartedFrom() throws IOException {
    Path damaged = snapshot("key", "r1");

    assertThat(open().birth("key", "r1", folder.resolve("first")))
        .contains(new Birth.Pattern("key"));

    assertThat(damaged).doesNotExist();
    assertThat(lost).singleElement().asString().contains("r1", "'memory' has changed");
  }

  @Test
  void thoseOfRevisionsThatAreGoneGo() throws IOException {
    Path kept = snapshot("one", "pool-r2");
    Path gone = snapshot("two", "pool-r1");

    open().retain(Set.of("pool-r2"));

    assertThat(kept).isDirectory();
    assertThat(gone).doesNotExist();
  }

  /** A captured pattern with that much memory. */
  private Path captured(String name, int bytes) throws IOException {
    Path sandbox = Files.createDirectories(folder.resolve(name));
    Files.write(sandbox.resolve("memory"), new byte[bytes]);
    Files.writeString(sandbox.resolve("state"), "state");
    Files.writeString(sandbox.resolve("disk"), "disk");
    Files.writeString(sandbox.resolve("note"), "note");
    return sandbox;
  }

  @Test
  void disksAreNotFilledWithSnapshots_theOneUnusedForLongestGivesWay() throws IOException {
    Snapshots snapshots = open();
    snapshots.keep("one", "r1", captured("first", 400_000));
    snapshots.keep("two", "r2", captured("second", 400_000));
    now = Instant.now().plus(Snapshots.PAUSE).plusSeconds(10);
    assertThat(snapshots.birth("one", "r1", folder.resolve("third")).orElseThrow())
        .isInstanceOf(Birth.Clone.class);

    snapshots.keep("three", "r3", captured("third", 400_000));

    assertThat(root().resolve("one")).isDirectory();
    assertThat(root().resolve("two")).doesNotExist();
    assertThat(root().resolve("three")).isDirectory();
  }

  @Test
  void thoseThatAreUsedAndDoNotFitTogetherDoNotDriveEachOtherOut() throws IOException {
    Snapshots snapshots = open();
    now = Instant.now();
    snapshots.keep("one", "r1", captured("first", 600_000));

    assertThatThrownBy(() -> snapshots.keep("two", "r2", captured("second", 600_000)))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("used within 10 minutes");

    assertThat(root().resolve("one")).isDirectory();
    assertThat(root().resolve("two")).doesNotExist();
  }

  @Test
  void oneThatIsLargerThanAllMayBeIsNotMade_norEverAgain() throws IOException {
    Snapshots snapshots = open();
    snapshots.keep("one", "r1", captured("first", 400_000));

    snapshots.keep("two", "r2", captured("second", (1 << 20) + 1));

    assertThat(root().resolve("one")).isDirectory();
    assertThat(root().resolve("two")).doesNotExist();
    assertThat(lost).singleElement().asString().contains("engine.microvm.snapshotBytes is 1048576");
    now = now.plus(Snapshots.PAUSE).plusSeconds(1);
    assertThat(snapshots.birth("two", "r2", folder.resolve("second"))).contains(new Birth.Boot());
  }

  @Test
  void thoseOfAnEarlierBootGo() throws IOException {
    Path old = snapshot("one", "r1");
    Files.writeString(
        old.resolve("snapshot.json"),
        "{\"name\": \"r1\", \"boot\": \"boot-0\", \"noteBytes\": 8192, \"digests\": {}}");
    Path current = snapshot("two", "r1");

    open();

    assertThat(old).doesNotExist();
    assertThat(current).isDirectory();
  }

  @Test
  void whereNoMachinesRunAnyMoreNoneIsLeft() throws IOException {
    snapshot("one", "r1");

    Snapshots.forget(root());
    Snapshots.forget(root());

    assertThat(root()).doesNotExist();
  }

  @Test
  void changeOfAnyByteIsSeen() throws IOException {
    Path file = folder.resolve("memory");
    Files.write(file, new byte[3 << 20]);
    String before = SnapshotFiles.digest(file);
    byte[] content = Files.readAllBytes(file);
    content[(2 << 20) + 77] ^= 1;
    Files.write(file, content);

    assertThat(SnapshotFiles.digest(file)).isNotEqualTo(before);
  }
}
