package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Who gave way gets back exactly what it had, whichever engine gives it back. */
class ProcessorGroupTest {
  @TempDir Path outer;

  private ProcessorGroup first(String quota) throws IOException {
    Path box = Files.createDirectories(outer.resolve("box"));
    Files.writeString(outer.resolve("cpu.idle"), "0\n");
    Files.writeString(outer.resolve("cpu.cfs_quota_us"), "-1\n");
    Files.writeString(box.resolve("cpu.cfs_quota_us"), quota + "\n");
    Files.writeString(box.resolve("cpu.cfs_burst_us"), "0\n");
    return new ProcessorGroup(outer, box, false);
  }

  private String outer(String file) throws IOException {
    return Files.readString(outer.resolve(file)).strip();
  }

  private String box(String file) throws IOException {
    return Files.readString(outer.resolve("box").resolve(file)).strip();
  }

  @Test
  void partsAreLeftAndAllComesBack() throws IOException {
    ProcessorGroup group = first("12500");
    group.begin();
    assertThat(group.parts()).isEqualTo(1);
    for (int parts : new int[] {2, 4, 8}) {
      group.leave(parts, true);
      assertThat(box("cpu.cfs_quota_us")).isEqualTo("" + 12_500 / parts);
      assertThat(group.parts()).isEqualTo(parts);
    }
    group.leave(1, false);
    assertThat(box("cpu.cfs_quota_us")).isEqualTo("12500");
    assertThat(outer("cpu.shares")).isEqualTo("256");
    assertThat(outer("cpu.idle")).isEqualTo("0");
    assertThat(group.parts()).isEqualTo(1);
  }

  @Test
  void whoStandsBehindOthersMayHaveAllOfItsBound() throws IOException {
    ProcessorGroup group = first("12500");
    group.begin();
    assertThat(group.behind()).isFalse();
    group.leave(1, true);
    assertThat(group.behind()).isTrue();
    assertThat(outer("cpu.idle")).isEqualTo("1");
    assertThat(box("cpu.cfs_quota_us")).isEqualTo("12500");
    assertThat(group.parts()).isEqualTo(1);
    group.leave(1, false);
    assertThat(group.behind()).isFalse();
  }

  @Test
  void whoOnlyChangesItsPlaceIsNotGivenItsBoundAnew() throws IOException {
    ProcessorGroup group = first("12500");
    group.begin();
    for (String file : new String[] {"cpu.cfs_quota_us", "cpu.cfs_burst_us"}) {
      Files.setLastModifiedTime(outer.resolve("box").resolve(file), FileTime.fromMillis(0));
    }
    group.leave(1, true);
    group.leave(1, false);
    for (String file : new String[] {"cpu.cfs_quota_us", "cpu.cfs_burst_us"}) {
      assertThat(Files.getLastModifiedTime(outer.resolve("box").resolve(file)).toMillis())
          .as(file)
          .isZero();
    }
  }

  @Test
  void whoBeginsWhileItStandsBehindOthersIsAmongThem() throws IOException {
    ProcessorGroup group = first("12500");
    group.leave(1, true);
    group.begin();
    assertThat(group.behind()).isFalse();
    assertThat(outer("cpu.shares")).isEqualTo("256");
  }

  @Test
  void onlyWhoHasAllMaySaveSomeOfItUp() throws IOException {
    ProcessorGroup group = first("12500");
    group.begin();
    assertThat(box("cpu.cfs_burst_us")).isEqualTo("12500");
    group.leave(2, true);
    assertThat(box("cpu.cfs_burst_us")).isEqualTo("0");
    group.leave(1, false);
    assertThat(box("cpu.cfs_burst_us")).isEqualTo("12500");
  }

  @Test
  void aSmallBoundIsNotHalvedBelowWhatTheKernelTakes() throws IOException {
    ProcessorGroup group = first("2500");
    group.begin();
    group.leave(4, true);
    assertThat(box("cpu.cfs_quota_us")).isEqualTo("1000");
    group.leave(8, true);
    assertThat(box("cpu.cfs_quota_us")).isEqualTo("1000");
    assertThat(group.parts()).as("the most that it can be").isEqualTo(4);
    group.leave(1, false);
    assertThat(box("cpu.cfs_quota_us")).isEqualTo("2500");
  }

  @Test
  void whatTheOuterGroupKeepsHoldsNothingBack() throws IOException {
    first("5000").begin();
    // The sandbox's and its monitor's, of which the kernel of version 1 refuses larger ones.
    assertThat(Long.parseLong(Files.readString(outer.resolve("cpu.cfs_quota_us"))))
        .isGreaterThan(5000 + 10_000);
    assertThat(outer("cpu.cfs_period_us")).as("as long as the sandbox's own").isEqualTo("50000");
  }

  @Test
  void whoSavedSomethingUpIsNotHeldBackWhereNobodyLooks() throws IOException {
    first("100000").begin();
    // Of two processors' worth of a period twice as much at once, if it did without before.
    assertThat(Long.parseLong(outer("cpu.cfs_quota_us"))).isGreaterThanOrEqualTo(200_000);
    assertThat(outer("cpu.cfs_period_us")).isEqualTo("50000");
  }

  @Test
  void whoIsKilledWhileItGaveWayDiesWithAllOfItsBound() throws IOException {
    ProcessorGroup group = first("12500");
    group.begin();
    group.leave(8, true);
    group.letDie();
    assertThat(box("cpu.cfs_quota_us")).isEqualTo("12500");
    assertThat(outer("cpu.idle")).isEqualTo("0");
  }

  @Test
  void whoWasStartedByAServerThatWroteNothingDownGetsAllBackToo() throws IOException {
    ProcessorGroup group = first("50000");
    group.leave(8, true);
    assertThat(box("cpu.cfs_quota_us")).isEqualTo("6250");
    new ProcessorGroup(outer, outer.resolve("box"), false).leave(1, false);
    assertThat(box("cpu.cfs_quota_us")).isEqualTo("50000");
  }

  @Test
  void aBoundThatIsGivenLaterIsTheOneThatComesBack() throws IOException {
    ProcessorGroup group = first("100000");
    group.begin();
    Files.writeString(outer.resolve("box").resolve("cpu.cfs_quota_us"), "25000");
    group.begin();
    group.leave(8, true);
    group.leave(1, false);
    assertThat(box("cpu.cfs_quota_us")).isEqualTo("25000");
  }

  @Test
  void theSameWithCgroupsOfVersionTwo() throws IOException {
    Path box = Files.createDirectories(outer.resolve("box"));
    Files.writeString(outer.resolve("cpu.idle"), "0\n");
    Files.writeString(outer.resolve("cpu.max"), "max 50000\n");
    Files.writeString(box.resolve("cpu.max"), "12500 50000\n");
    var group = new ProcessorGroup(outer, box, true);
    group.begin();
    group.leave(8, true);
    assertThat(box("cpu.max")).isEqualTo("1562 50000");
    group.leave(1, false);
    assertThat(box("cpu.max")).isEqualTo("12500 50000");
    assertThat(Files.readString(outer.resolve("cpu.weight"))).isEqualTo("25");
  }

  @Test
  void oneWithoutABoundKeepsNone() throws IOException {
    ProcessorGroup group = first("-1");
    group.begin();
    group.leave(8, true);
    group.leave(1, false);
    assertThat(box("cpu.cfs_quota_us")).isEqualTo("-1");
  }
}
