package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.SandboxId;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A monitor writes how its sandbox ended beside the file's own name first; one that is killed with
 * its sandbox meanwhile must leave nothing.
 */
class HalfWrittenExitTest {
  @TempDir private Path exits;
  private Path whole;
  private Path half;
  private Path neighbours;
  private SandboxFolder folder;

  @BeforeEach
  void write() throws Exception {
    whole = Files.writeString(exits.resolve("spabcdaaaaaaaa"), "137");
    half = Files.writeString(exits.resolve("spabcdaaaaaaaa.280BZ3"), "");
    neighbours = Files.writeString(exits.resolve("spabcdaaaaaaab.280BZ3"), "");
    folder =
        new SandboxFolder(
            new SandboxId("aaaaaaaa"), "spabcdaaaaaaaa", exits.resolve("gone"), whole);
  }

  @Test
  void itGoesWithTheOneThatIsWhole() throws Exception {
    folder.deleteExit();

    assertThat(whole).doesNotExist();
    assertThat(half).doesNotExist();
    assertThat(neighbours).exists();
  }

  @Test
  void itGoesAlsoWhereNoneIsWhole() throws Exception {
    Files.delete(whole);

    folder.deleteExit();

    assertThat(half).doesNotExist();
  }
}
