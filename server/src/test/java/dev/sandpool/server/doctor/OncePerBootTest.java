package dev.sandpool.server.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.linux.ProcessRights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A host that lacks something since its last start, and a server that no longer looks. */
class OncePerBootTest {
  private static final Finding WORKS = Finding.ok("namespaces", "works");
  private static final Finding REFUSED =
      Finding.failed("namespaces", "refused", "no sandbox can be kept apart", "run on a host");

  @TempDir private Path folder;
  private Path note;
  private int looked;

  @BeforeEach
  void place() {
    note = folder.resolve("note");
  }

  @Test
  void whatWorkedIsNotTriedAgainInThisBoot() throws IOException {
    assertThat(check("1", WORKS).examine()).containsExactly(WORKS);
    assertThat(check("1", REFUSED).examine()).hasOnlyElementsOfType(Finding.Ok.class);
    assertThat(looked).isEqualTo(1);
  }

  @Test
  void whatFailedIsTriedAtEachStart() throws IOException {
    assertThat(check("1", REFUSED).examine()).containsExactly(REFUSED);
    assertThat(check("1", WORKS).examine()).containsExactly(WORKS);
    assertThat(looked).isEqualTo(2);
  }

  @Test
  void anotherBootAndAnotherTrialAreTriedAnew() throws IOException {
    assertThat(check("1", WORKS).examine()).containsExactly(WORKS);
    assertThat(check("2", REFUSED).examine()).containsExactly(REFUSED);
    assertThat(check("1", WORKS).examine()).hasSize(1);
    String boot = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    Files.writeString(note, Files.readString(note).replace(boot, "another boot"));
    assertThat(check("1", REFUSED).examine()).containsExactly(REFUSED);
  }

  /** As in a container that was made anew with fewer rights, over the same folder. */
  @Test
  void otherRightsAreTriedAnew() throws IOException {
    assertThat(check("1", WORKS).examine()).containsExactly(WORKS);
    String rights = ProcessRights.read(Path.of("/proc"));
    String others = rights.replaceFirst("CapEff=\\w+", "CapEff=00000000a80425fa");
    assertThat(others).isNotEqualTo(rights);
    Files.writeString(note, Files.readString(note).replace(rights, others));
    assertThat(check("1", REFUSED).examine()).containsExactly(REFUSED);
  }

  private Check.Examination check(String version, Finding found) {
    return new OncePerBoot(
        note,
        new OncePerBoot.Tried() {
          @Override
          public List<Finding> examine() {
            looked++;
            return List.of(found);
          }

          @Override
          public String version() {
            return version;
          }
        });
  }
}
