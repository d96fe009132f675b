package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which archive the launcher takes, told by a JVM that only says how it was called. */
@SuppressWarnings("NullAway.Init") // JUnit sets the field before each test.
class LauncherArchivesTest {
  private static final String JAVA =
      """
      #!/bin/sh
      echo "$*"
      for option in "$@"; do
        case $option in
          -XX:ArchiveClassesAtExit=* | -XX:AOTCacheOutput=*) : >"${option#*=}" ;;
        esac
      done
      """;

  @TempDir Path root;

  @BeforeEach
  void build() throws IOException {
    Path launcher = Path.of("").toAbsolutePath().resolveSibling("sandpool");
    Files.copy(launcher, root.resolve("sandpool"), StandardCopyOption.COPY_ATTRIBUTES);
    write("jdk/release", "JAVA_VERSION=\"25.0.1\"\n");
    program("jdk/bin/java", JAVA);
    for (String module : List.of("cli", "server")) {
      write(module + "/target/sandpool-" + module + "-1.jar", module);
      write(module + "/target/lib/a.jar", "a library");
    }
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
    write("cli/target/cache", "in the way");
    run("--make-cache");
    String cache = "home/.cache/sandpool";
    String ours = files(cache, ".jsa").getFirst();
    Path theirs = write(cache + "/sandpool-" + "0".repeat(24) + ".jsa", "anything");
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
    program("bin/nproc", "#!/bin/sh\necho " + count + "\n");
  }

  private void program(String name, String text) throws IOException {
    assertThat(write(name, text).toFile().setExecutable(true)).isTrue();
  }

  private Path write(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
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
    Path output = root.resolve("output");
    var builder = new ProcessBuilder("./sandpool", word).directory(root.toFile());
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("JAVA_HOME", root.resolve("jdk").toString());
    builder.environment().put("HOME", root.resolve("home").toString());
    builder
        .environment()
        .merge("PATH", root.resolve("bin").toString(), (all, own) -> own + ":" + all);
    builder.environment().remove("XDG_CACHE_HOME");
    Process process = builder.start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("ended").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(output);
  }
}
