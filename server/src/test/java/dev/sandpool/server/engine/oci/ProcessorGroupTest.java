package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    return new ProcessorGroup(outer, box, false);
  }

  private String box(String file) throws IOException {
    return Files.readString(outer.resolve("box").resolve(file)).strip();
  }

  @Test
  void anEighthIsLeftAndAllComesBack() throws IOException {
    ProcessorGroup group = first("25000");
    group.begin();
    group.giveWay(true);
    assertThat(box("cpu.cfs_quota_us")).isEqualTo("3125");
    assertThat(group.givesWay()).isTrue();
    group.giveWay(false);
    assertThat(box("cpu.cfs_quota_us")).isEqualTo("25000");
    assertThat(Files.readString(outer.resolve("cpu.shares"))).isEqualTo("256");
    assertThat(group.givesWay()).isFalse();
  }

  @Test
  void whatTheOuterGroupKeepsHoldsNothingBack() throws IOException {
    first("5000").begin();
    // The sandbox's and its monitor's, of which the kernel of version 1 refuses larger ones.
    assertThat(Long.parseLong(Files.readString(outer.resolve("cpu.cfs_quota_us"))))
        .isGreaterThan(5000 + 10_000);
  }

  @Test
  void whoWasStartedByAServerThatWroteNothingDownGetsAllBackToo() throws IOException {
    ProcessorGroup group = first("50000");
    group.giveWay(true);
    assertThat(box("cpu.cfs_quota_us")).isEqualTo("6250");
    new ProcessorGroup(outer, outer.resolve("box"), false).giveWay(false);
    assertThat(box("cpu.cfs_quota_us")).isEqualTo("50000");
  }

  @Test
  void aBoundThatIsGivenLaterIsTheOneThatComesBack() throws IOException {
    ProcessorGroup group = first("100000");
    group.begin();
    Files.writeString(outer.resolve("box").resolve("cpu.cfs_quota_us"), "25000");
    group.begin();
    group.giveWay(true);
    group.giveWay(false);
    assertThat(box("cpu.cfs_quota_us")).isEqualTo("25000");
  }

  @Test
  void theSameWithCgroupsOfVersionTwo() throws IOException {
    Path box = Files.createDirectories(outer.resolve("box"));
    Files.writeString(outer.resolve("cpu.idle"), "0\n");
    Files.writeString(outer.resolve("cpu.max"), "max 100000\n");
    Files.writeString(box.resolve("cpu.max"), "25000 100000\n");
    var group = new ProcessorGroup(outer, box, true);
    group.begin();
    group.giveWay(true);
    assertThat(box("cpu.max")).isEqualTo("3125 100000");
    group.giveWay(false);
    assertThat(box("cpu.max")).isEqualTo("25000 100000");
    assertThat(Files.readString(outer.resolve("cpu.weight"))).isEqualTo("25");
  }

  @Test
  void oneWithoutABoundKeepsNone() throws IOException {
    ProcessorGroup group = first("-1");
    group.begin();
    group.giveWay(true);
    group.giveWay(false);
    assertThat(box("cpu.cfs_quota_us")).isEqualTo("-1");
  }
}
