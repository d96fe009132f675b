package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sandpool.model.Isolation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A finding that outlives what it rests on, or that was made at a bad moment. */
class RememberedTrialTest {
  private static final HostFacts HOST = new HostFacts("boot-1", "6.1.0", "CapEff=1ff");
  private static final List<String> GROUND = List.of("/usr/bin/runsc:1:then", "systrap");

  @TempDir private Path folder;
  private int tried;

  private String find(HostFacts host, List<String> ground, String finding)
      throws IOException, EngineUnavailableException {
    return new RememberedTrial<>(note(), String.class, host, ground)
        .find(
            () -> {
              tried++;
              return finding;
            },
            found -> !found.equals("weaker"));
  }

  private Path note() {
    return folder.resolve("probe.json");
  }

  @Test
  void whatWasFoundIsNotTriedForAgain() throws Exception {
    assertThat(find(HOST, GROUND, "strong")).isEqualTo("strong");
    assertThat(find(HOST, GROUND, "other")).isEqualTo("strong");
    assertThat(tried).isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "boot-2, 6.1.0, CapEff=1ff",
    "boot-1, 6.12.0, CapEff=1ff",
    "boot-1, 6.1.0, CapEff=0",
  })
  void anotherBootKernelAndRightAreTriedAnew(String boot, String kernel, String rights)
      throws Exception {
    find(HOST, GROUND, "strong");
    assertThat(find(new HostFacts(boot, kernel, rights), GROUND, "other")).isEqualTo("other");
  }

  @Test
  void whatItRestsOnIsTriedAnewWhenItChangesOrThereIsMoreToTry() throws Exception {
    find(HOST, GROUND, "strong");
    List<String> upgraded = List.of("/usr/bin/runsc:2:now", "systrap");
    assertThat(find(HOST, upgraded, "newer")).isEqualTo("newer");
    List<String> more = List.of("/usr/bin/runsc:2:now", "systrap", "kvm");
    assertThat(find(HOST, more, "newest")).isEqualTo("newest");
  }

  /** A host that was too busy once must not be weak until its next boot. */
  @Test
  void aFindingThatIsNotToLastIsTriedForAtEachStart() throws Exception {
    assertThat(find(HOST, GROUND, "weaker")).isEqualTo("weaker");
    assertThat(find(HOST, GROUND, "strong")).isEqualTo("strong");
    assertThat(find(HOST, GROUND, "weaker")).isEqualTo("strong");
  }

  @ParameterizedTest
  @CsvSource({"''", "'{\"key\": '", "'{\"key\": null, \"found\": \"strong\"}'", "'[]'"})
  void aDamagedNoteIsNone(String damaged) throws Exception {
    Files.writeString(note(), damaged);
    assertThat(find(HOST, GROUND, "found")).isEqualTo("found");
  }

  @Test
  void thatNothingWorksIsTriedAtEachStart() throws Exception {
    var trial = new RememberedTrial<>(note(), String.class, HOST, GROUND);
    assertThatThrownBy(
            () ->
                trial.find(
                    () -> {
                      throw new EngineUnavailableException("it hangs");
                    },
                    found -> true))
        .hasMessage("it hangs");
    assertThat(find(HOST, GROUND, "works now")).isEqualTo("works now");
  }

  @Test
  void aProgramThatTookAnothersPlaceIsAnother() throws Exception {
    Path program = Files.writeString(folder.resolve("runsc"), "one");
    String before = RememberedTrial.identity(program);
    assertThat(RememberedTrial.identity(program)).isEqualTo(before);
    Files.setLastModifiedTime(program, FileTime.fromMillis(1));
    assertThat(RememberedTrial.identity(program)).isNotEqualTo(before);
    Path link = Files.createSymbolicLink(folder.resolve("link"), program);
    assertThat(RememberedTrial.identity(link)).isEqualTo(RememberedTrial.identity(program));
  }

  @Test
  void weakerWaysToUseGvisorComeLastAndKnowTheirProgram() {
    var program = new RuntimeFinder.Found(Path.of("/opt/runsc"), "20240729", Duration.ZERO);
    List<OciRuntime> candidates = RuntimeProbe.candidates(program);
    assertThat(candidates.getFirst().isolation()).isEqualTo(Isolation.GVISOR);
    assertThat(candidates.getLast().isolation()).isEqualTo(Isolation.GVISOR_HOSTNET);
    assertThat(candidates.toString()).contains("/opt/runsc", "20240729");
  }
}
