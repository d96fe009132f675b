package dev.sandpool.server.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Isolation;
import dev.sandpool.model.Json;
import dev.sandpool.server.engine.EngineInfo;
import java.io.IOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DoctorTest {
  private static final Finding OK = Finding.ok("a", "fine");
  private static final Finding BAD = Finding.failed("b", "broken", "it falls", "hold it");

  private static Check check(Check.Rights rights, Check.Examination examination) {
    return new Check("c", rights, Check.Start.BEFORE, examination);
  }

  @Test
  void anOrdinaryUserIsToldWhatNeedsRoot() {
    var doctor =
        new Doctor(
            false,
            List.of(
                check(Check.Rights.ANYBODY, () -> List.of(OK)),
                check(
                    Check.Rights.ROOT,
                    () -> {
                      throw new AssertionError("examined");
                    })));
    Report report = doctor.examine();
    assertThat(report.entries())
        .extracting(entry -> entry.finding().state())
        .containsExactly("ok", "unknown");
    assertThat(report.failed()).isFalse();
  }

  @Test
  void aCheckThatBreaksDoesNotTakeTheOthersWithIt() {
    var doctor =
        new Doctor(
            true,
            List.of(
                check(
                    Check.Rights.ANYBODY,
                    () -> {
                      throw new IOException("no such table");
                    }),
                check(Check.Rights.ANYBODY, () -> List.of(Integer.parseInt("") > 0 ? OK : BAD)),
                check(Check.Rights.ANYBODY, () -> List.of(BAD))));
    Report report = doctor.examine();
    assertThat(report.entries())
        .extracting(entry -> entry.finding().state())
        .containsExactly("unknown", "unknown", "failed");
    assertThat(report.failed()).isTrue();
  }

  /** Something that is broken until it is repaired. */
  private static final class Mendable implements Check.Repair {
    private final List<String> repairs = new ArrayList<>();
    private boolean broken;

    Mendable(boolean broken) {
      this.broken = broken;
    }

    @Override
    public List<Finding> examine() {
      return List.of(broken ? BAD : OK);
    }

    @Override
    public List<String> repair() {
      broken = false;
      repairs.add("held it");
      return repairs;
    }
  }

  @Test
  void onlyWhatIsBrokenIsRepairedAndThenLookedAtAgain() {
    var broken = new Mendable(true);
    var whole = new Mendable(false);
    var doctor =
        new Doctor(
            true, List.of(check(Check.Rights.ROOT, broken), check(Check.Rights.ROOT, whole)));
    assertThat(doctor.examine().failed()).isTrue();
    assertThat(broken.repairs).isEmpty();
    Report report = doctor.repair();
    assertThat(report.failed()).isFalse();
    assertThat(report.repaired()).containsExactly("held it");
    assertThat(whole.repairs).isEmpty();
  }

  @Test
  void nothingIsRepairedWithoutTheRightsForIt() {
    var broken = new Mendable(true);
    new Doctor(false, List.of(check(Check.Rights.ROOT, broken))).repair();
    assertThat(broken.repairs).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "GVISOR, GVISOR_HOSTNET, ok",
    "GVISOR_HOSTNET, GVISOR_HOSTNET, warning",
    "GVISOR_HOSTNET, GVISOR, failed",
    "CONTAINER, CONTAINER, warning",
  })
  void isolationThatIsWeakerThanAskedForIsNeverOk(Isolation earned, Isolation asked, String state) {
    var info = new EngineInfo("oci", earned, "runsc 20240729 (systrap)", 0, 1);
    assertThat(TrialCheck.judge(info, asked, Duration.ofSeconds(1)).state()).isEqualTo(state);
  }

  @ParameterizedTest
  @CsvSource({
    "rw-------, true, ok",
    "rw-r-----, true, failed",
    "rw----r--, true, failed",
    "rw-r--r--, false, ok",
  })
  void aKeyThatOthersCanReadIsAFailure(String permissions, boolean used, String state) {
    var facts =
        new DataDirectoryCheck.Facts(
            "data key",
            Path.of("/d/data.key"),
            Optional.of(PosixFilePermissions.fromString(permissions)));
    assertThat(DataDirectoryCheck.judge(facts, used).state()).isEqualTo(state);
  }

  @Test
  void theRemedyOfAnEnginesSentenceIsBehindItsSemicolon() {
    assertThat(Finding.failed("runsc", "it is not there; install it (now)", "none starts"))
        .isEqualTo(Finding.failed("runsc", "it is not there", "none starts", "install it (now)"));
    assertThat(Finding.failed("a guest", "it does not work (ptrace: no; kvm: no)", "none starts"))
        .extracting(Finding::found)
        .isEqualTo("it does not work (ptrace: no; kvm: no)");
  }

  @Test
  void jsonHasEveryFindingWithNullsWhereAllIsWell() {
    var report =
        new Report(
            List.of(new Report.Entry("x", OK), new Report.Entry("y", BAD)), List.of("held it"));
    assertThat(Json.MAPPER.readTree(ReportJson.of(report)))
        .isEqualTo(
            Json.MAPPER.readTree(
                """
                {"state": "failed", "checks": [
                  {"check": "x", "subject": "a", "state": "ok", "found": "fine",
                   "consequence": null, "remedy": null},
                  {"check": "y", "subject": "b", "state": "failed", "found": "broken",
                   "consequence": "it falls", "remedy": "hold it"}],
                 "repaired": ["held it"]}\
                """));
  }

  @Test
  void whatProgramsSaidStaysOnItsLine() {
    Finding said =
        Finding.failed("b", "first\n\u001b[2Jsecond", "it\u001b[1m falls", "hold\nok  y  c  fine");
    var report = new Report(List.of(new Report.Entry("y", said)), List.of("held\u0007it"));
    assertThat(ReportTable.of(report, false))
        .contains(
            "first [2Jsecond\n",
            "consequence: it [1m falls\n",
            "remedy: hold ok y c fine\n",
            "fixed: held it\n")
        .doesNotContain("\u001b");
  }

  @Test
  void coloursAreForTerminalsAlone() {
    var report = new Report(List.of(new Report.Entry("y", BAD)), List.of());
    assertThat(ReportTable.of(report, false))
        .doesNotContain("\u001b")
        .contains("failed   y  b  broken", "consequence: it falls", "remedy: hold it", "1 failed");
    assertThat(ReportTable.of(report, true)).contains("\u001b[31mfailed\u001b[0m   y");
  }
}
