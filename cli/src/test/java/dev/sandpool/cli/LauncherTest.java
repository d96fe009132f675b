package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher with a stand-in for the built program. */
@SuppressWarnings("NullAway.Init") // JUnit sets the field before each test.
class LauncherTest {
  private static final FileTime TIME = FileTime.fromMillis(1_700_000_000_000L);

  @TempDir Path root;

  @BeforeEach
  void copyLauncher() throws IOException {
    Path launcher = Path.of("").toAbsolutePath().resolveSibling("sandpool");
    Files.copy(launcher, root.resolve("sandpool"), StandardCopyOption.COPY_ATTRIBUTES);
    Files.createDirectories(root.resolve("home"));
  }

  /** An archive of loaded classes that does not fit the jars would run the old program. */
  @Test
  void rebuiltProgramIsNotRunFromAStaleArchive() throws Exception {
    build("old");
    assertThat(run("./sandpool", "--make-cache").strip()).isEmpty();
    assertThat(archives()).hasSize(1);
    assertThat(run("./sandpool", "x")).isEqualTo("old x\n");
    String first = archives().getFirst();

    build("new");
    assertThat(run("./sandpool", "x")).isEqualTo("new x\n");
    run("./sandpool", "--make-cache");
    assertThat(archives()).hasSize(1).doesNotContain(first);
    assertThat(run("./sandpool", "x")).isEqualTo("new x\n");
  }

  @Test
  void failureToMakeTheArchiveBreaksNothing() throws Exception {
    build("old");
    Files.createDirectories(root.resolve("cli/target"));
    Files.writeString(root.resolve("cli/target/cache"), "in the way");
    Files.writeString(root.resolve("home/.cache"), "in the way too");
    assertThat(run("./sandpool", "--make-cache")).contains("WARNING: no class archive");
    assertThat(run("./sandpool", "x")).isEqualTo("old x\n");
  }

  @Test
  void runsFromAnyFolderThroughASymlink() throws Exception {
    build("old");
    Path link = root.resolve("home/link");
    Files.createSymbolicLink(link, Path.of("../sandpool"));
    assertThat(run("/bin/sh", "-c", "cd / && '" + link + "' 'two words' ''"))
        .isEqualTo("old two words \n");
  }

  @Test
  void unbuiltTreeSaysWhatToRun() throws Exception {
    assertThat(run("./sandpool", "version")).contains("run ./dev build");
    assertThat(run("./sandpool", "serve")).contains("run ./dev build");
    assertThat(run("./sandpool", "doctor")).contains("run ./dev build");
  }

  private List<String> archives() throws IOException {
    try (var files = Files.list(root.resolve("cli/target/cache"))) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }

  private String run(String... command) throws IOException, InterruptedException {
    Path output = root.resolve("output");
    var builder = new ProcessBuilder(command).directory(root.toFile());
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    builder.environment().put("JAVA_HOME", System.getProperty("java.home", ""));
    builder.environment().put("HOME", root.resolve("home").toString());
    builder.environment().remove("XDG_CACHE_HOME");
    Process process = builder.start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("ended").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(output);
  }

  /** A program that prints a word and its arguments; its jar always has the same size and time. */
  private void build(String word) throws IOException {
    Path sources = Files.createDirectories(root.resolve("src"));
    Path main = sources.resolve("Main.java");
    Files.writeString(
        main,
        """
        package dev.sandpool.cli;
        public class Main {
          public static void main(String[] args) {
            System.out.println("%s " + String.join(" ", args));
          }
        }
        class Rehearsal {
          public static void main(String[] args) {
            Main.main(args);
          }
        }
        """
            .formatted(word));
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", sources.toString(), main.toString());
    assertThat(failed).isZero();
    Path target = Files.createDirectories(root.resolve("cli/target/lib")).resolveSibling("x");
    jar(target.resolveSibling("sandpool-cli-1.jar"), sources, "Main", "Rehearsal");
    jar(target.resolveSibling("lib").resolve("a.jar"), sources);
  }

  private static void jar(Path jar, Path classes, String... names) throws IOException {
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.setLevel(0);
      put(out, "README", "a jar".getBytes(StandardCharsets.UTF_8));
      for (String name : names) {
        String entry = "dev/sandpool/cli/" + name + ".class";
        put(out, entry, Files.readAllBytes(classes.resolve(entry)));
      }
    }
    Files.setLastModifiedTime(jar, TIME);
  }

  private static void put(JarOutputStream out, String name, byte[] bytes) throws IOException {
    var entry = new JarEntry(name);
    entry.setLastModifiedTime(TIME);
    out.putNextEntry(entry);
    out.write(bytes);
    out.closeEntry();
  }
}
