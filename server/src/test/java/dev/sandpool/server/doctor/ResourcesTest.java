package dev.sandpool.server.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResourcesTest {
  private static final long GI = 1L << 30;

  @ParameterizedTest
  @CsvSource({
    "16, 15, 12, false, ok",
    "16, 15, 17, false, warning",
    "16, 4, 12, false, warning",
    "16, 4, 12, true, ok",
    "16, 15, 17, true, warning",
  })
  void promisedMemoryThatIsNotThereIsNamed(
      long total, long available, long limit, boolean serverRuns, String state) {
    assertThat(
            MemoryCheck.judge(
                    new MemoryCheck.Facts(total * GI, available * GI, limit * GI, serverRuns))
                .state())
        .isEqualTo(state);
  }

  @ParameterizedTest
  @CsvSource({"ext4, 20, ok", "ext4, 3, warning", "tmpfs, 20, warning"})
  void littleRoomForImagesIsNamed(String type, long usable, String state) {
    var facts = new DiskCheck.Facts(Path.of("/var/lib"), type, usable * GI, 100 * GI);
    assertThat(DiskCheck.judge(facts).state()).isEqualTo(state);
  }

  @Test
  void fewProcessesLeftAreCountedInSandboxes() {
    assertThat(ProcessesCheck.judge(new ProcessesCheck.Facts(400, 32_768)).state()).isEqualTo("ok");
    Finding few = ProcessesCheck.judge(new ProcessesCheck.Facts(32_000, 32_768));
    assertThat(few.state()).isEqualTo("warning");
    assertThat(few.advice().orElseThrow().consequence()).startsWith("about 25 sandboxes");
  }

  @Test
  void boundsOfOneProcessAndOfTheHostAreJudgedApart() {
    assertThat(OpenFilesCheck.judge(new OpenFilesCheck.Facts(20_000, 100, 1_000)))
        .extracting(Finding::state)
        .containsExactly("warning", "ok");
    assertThat(OpenFilesCheck.judge(new OpenFilesCheck.Facts(Long.MAX_VALUE, 900, 1_000)))
        .extracting(Finding::state)
        .containsExactly("ok", "warning");
  }

  @Test
  void aNearlyFullTableOfConnectionsIsNamed() {
    assertThat(ConntrackCheck.judge(Optional.empty(), Optional.empty()).state()).isEqualTo("ok");
    assertThat(ConntrackCheck.judge(Optional.of(100L), Optional.of(1_000L)).state())
        .isEqualTo("ok");
    assertThat(ConntrackCheck.judge(Optional.of(900L), Optional.of(1_000L)).state())
        .isEqualTo("warning");
  }

  @Test
  void swapThatNobodyCountsIsNamed() {
    assertThat(SwapCheck.judge(0, false).state()).isEqualTo("ok");
    assertThat(SwapCheck.judge(GI, true).state()).isEqualTo("ok");
    assertThat(SwapCheck.judge(GI, false).state()).isEqualTo("warning");
  }

  @Test
  void aClockThatNobodySeemsToKeepIsUnknownAndNotWrong() {
    assertThat(ClockCheck.judge(Set.of("bash", "chronyd")).state()).isEqualTo("ok");
    assertThat(ClockCheck.judge(Set.of("bash")).state()).isEqualTo("unknown");
  }

  @Test
  void onlyHoldersOfALockCountAndNotThoseWhoWait() {
    List<String> locks =
        List.of(
            "1: POSIX  ADVISORY  WRITE 41 fe:00:1234 0 EOF",
            "1: -> POSIX  ADVISORY  WRITE 42 fe:00:1234 0 EOF",
            "2: FLOCK  ADVISORY  WRITE 43 fe:00:91234 0 EOF");
    assertThat(LockList.holders(locks, 1234)).containsExactly(41L);
  }
}
