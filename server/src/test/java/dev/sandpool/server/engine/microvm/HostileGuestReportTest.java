package dev.sandpool.server.engine.microvm;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A guest may write anything where the host reads how it fares. */
class HostileGuestReportTest {
  @TempDir Path folder = Path.of("/nonexistent");

  @Test
  void whatOursSaysIsUnderstood() {
    assertThat(GuestReport.parse("running\n\0\0")).isEqualTo(new GuestReport.Running());
    assertThat(GuestReport.parse("ended 7 -\n")).isEqualTo(new GuestReport.Ended(false));
    assertThat(GuestReport.parse("ended 137 memory\n")).isEqualTo(new GuestReport.Ended(true));
    assertThat(GuestReport.parse("broken no note: x\n"))
        .isEqualTo(new GuestReport.Broken("no note: x"));
  }

  @Test
  void onlyProgramAndFolderAreTheImagesFault() {
    assertThat(GuestReport.parse("refused program /a: No such file or directory\n"))
        .isEqualTo(new GuestReport.Refused(true, "program /a: No such file or directory"));
    assertThat(GuestReport.parse("refused working directory /a: Not a directory\n"))
        .isEqualTo(new GuestReport.Refused(true, "working directory /a: Not a directory"));
    assertThat(GuestReport.parse("refused bounds: No such file or directory\n"))
        .isEqualTo(new GuestReport.Refused(false, "bounds: No such file or directory"));
  }

  @Test
  void halfALineAndNoiseSayNothing() {
    assertThat(GuestReport.parse("")).isEqualTo(new GuestReport.Silent());
    assertThat(GuestReport.parse("runn")).isEqualTo(new GuestReport.Silent());
    assertThat(GuestReport.parse("\n")).isEqualTo(new GuestReport.Silent());
    assertThat(GuestReport.parse("running")).isEqualTo(new GuestReport.Silent());
    assertThat(GuestReport.parse("RUNNING\n")).isEqualTo(new GuestReport.Silent());
  }

  @Test
  void nothingBehindTheFirstBlockIsRead() throws Exception {
    Path note = folder.resolve("note");
    byte[] noise = new byte[1 << 20];
    new Random(7).nextBytes(noise);
    for (int i = 0; i < 512; i++) {
      noise[i] = 'x';
    }
    byte[] late = "\nrunning\n".getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(late, 0, noise, 512, late.length);
    Files.write(note, noise);

    assertThat(GuestReport.read(note)).isEqualTo(new GuestReport.Silent());
  }

  @Test
  void aMissingNoteSaysNothing() throws Exception {
    assertThat(GuestReport.read(folder.resolve("none"))).isEqualTo(new GuestReport.Silent());
  }
}
