package dev.sandpool.server.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The claim counter outlives its server without being closed, and is not there after a boot. */
class ClaimMarkTest {
  @TempDir private Path run = Path.of("set by JUnit");

  @Test
  void whatWasCountedIsThereForTheNextWithoutClosing() throws IOException {
    Path file = run.resolve("sandpool/spabcd/claims");
    ClaimMark first = ClaimMark.open(file);
    assertThat(first.count()).isEmpty();
    first.set(41);
    first.advance();
    assertThat(ClaimMark.open(file).count()).hasValue(42);
    assertThat(Files.getPosixFilePermissions(file))
        .isEqualTo(PosixFilePermissions.fromString("rw-------"));
  }

  @Test
  void oneThatWasNeverSetIsNoMark() throws IOException {
    Path file = run.resolve("claims");
    ClaimMark.open(file).advance();
    assertThat(ClaimMark.open(file).count()).isEmpty();
  }
}
