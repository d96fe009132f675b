package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which archive the launcher takes, told by a JVM that only says how it was called. */
@SuppressWarnings("NullAway.Init") // JUnit sets the fields before each test.
class LauncherArchivesTest {
  @TempDir Path root;

  private LauncherTree tree;

  @BeforeEach
  void build() throws IOException {
    tree = LauncherTree.in(root).builtForATalkingJava();
    processors(2);
  }

  @Test
  void serverOnOtherProcessorsIsNotStartedFromAnArchiveForAnotherCollector() throws Exception {
    run("--make-cache");
    assertThat(run("server")).contains("-XX:+UseSerialGC").contains("-XX:AOTCache=");
    processors(8);
    assertThat(run("server")).doesNotContain("-XX:+UseSerialGC").doesNotContain("-XX:AOTCache=");
    run("--make-cache");
    assertThat(run("server")).contains("-XX:AOTCache=");
    assertThat(files("server/target/cache", ".aot")).hasSize(1);
  }

  /** Commands run with one collector everywhere. */
  @Test
  void commandsAreStartedFromTheSameArchiveOnAnyProcessors() throws Exception {
    run("--make-cache");
    processors(8);
    assertThat(run("x")).contains("-XX:SharedArchiveFile=");
  }

  /** What cannot be trusted is as good as not there, and hides nothing that can. */
  @Test
  void archiveThatAnotherUserPutBesideOursIsPassedOver() throws Exception {
    tree.write("cli/target/cache", "in the way");
    run("--make-cache");
    String cache = "home/.cache/sandpool";
    String ours = files(cache, ".jsa").getFirst();
    Path theirs = tree.write(cache + "/sandpool-" + "0".repeat(24) + ".jsa", "anything");
    assumeTrue(owns(theirs, 59090), "only root can give files away");

    assertThat(run("x")).contains("-XX:SharedArchiveFile=" + root.resolve(ours));
  }

  private static boolean owns(Path file, int user) throws IOException {
    if (!Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0)) {
      return false;
    }
    Files.setAttribute(file, "unix:uid", user);
    return true;
  }

  private void processors(int count) throws IOException {
    tree.program("bin/nproc", "#!/bin/sh\necho " + count + "\n");
  }

  private List<String> files(String folder, String end) throws IOException {
    try (Stream<Path> files = Files.list(root.resolve(folder))) {
      return files
          .map(file -> root.relativize(file).toString())
          .filter(name -> name.endsWith(end))
          .toList();
    }
  }

  private String run(String word) throws IOException, InterruptedException {
    return tree.run("./sandpool", word);
  }
}
