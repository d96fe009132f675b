package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher with a stand-in for the built program. */
@SuppressWarnings("NullAway.Init") // JUnit sets the fields before each test.
class LauncherTest {
  private static final FileTime TIME = FileTime.fromMillis(1_700_000_000_000L);

  @TempDir Path root;

  private LauncherTree tree;

  @BeforeEach
  void checkOut() throws IOException {
    tree = LauncherTree.in(root);
  }

  /** An archive of loaded classes that does not fit the jars would run the old program. */
  @Test
  void rebuiltProgramIsNotRunFromAStaleArchive() throws Exception {
    rebuild("cli", "sandpool-*.jsa", "x");
  }

  @Test
  void rebuiltServerIsNotRunFromAStaleArchive() throws Exception {
    rebuild("server", "server-*.aot", "server", "x");
  }

  private void rebuild(String module, String archive, String... command) throws Exception {
    build("old");
    assertThat(tree.run("./sandpool", "--make-cache").strip()).isEmpty();
    assertThat(archives(module, archive)).hasSize(1);
    assertThat(sandpool(command)).isEqualTo("old x\n");
    String first = archives(module, archive).getFirst();

    build("new");
    assertThat(sandpool(command)).isEqualTo("new x\n");
    tree.run("./sandpool", "--make-cache");
    assertThat(archives(module, archive)).hasSize(1).doesNotContain(first);
    assertThat(sandpool(command)).isEqualTo("new x\n");
  }

  private String sandpool(String... words) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("./sandpool"));
    command.addAll(List.of(words));
    return tree.run(command.toArray(String[]::new));
  }

  @Test
  void failureToMakeTheArchiveBreaksNothing() throws Exception {
    build("old");
    Files.writeString(root.resolve("cli/target/cache"), "in the way");
    Files.writeString(root.resolve("server/target/cache"), "in the way");
    Files.writeString(root.resolve("home/.cache"), "in the way too");
    assertThat(tree.run("./sandpool", "--make-cache")).contains("WARNING: no class archive");
    assertThat(tree.run("./sandpool", "x")).isEqualTo("old x\n");
  }

  @Test
  void runsFromAnyFolderThroughASymlink() throws Exception {
    build("old");
    Path link = root.resolve("home/link");
    Files.createSymbolicLink(link, Path.of("../sandpool"));
    assertThat(tree.run("/bin/sh", "-c", "cd / && '" + link + "' 'two words' ''"))
        .isEqualTo("old two words \n");
  }

  @Test
  void unbuiltTreeSaysWhatToRun() throws Exception {
    assertThat(tree.run("./sandpool", "version")).contains("run ./dev build");
    assertThat(tree.run("./sandpool", "serve")).contains("run ./dev build");
    assertThat(tree.run("./sandpool", "doctor")).contains("run ./dev build");
  }

  private List<String> archives(String module, String form) throws IOException {
    List<String> names = new ArrayList<>();
    try (var files = Files.newDirectoryStream(root.resolve(module + "/target/cache"), form)) {
      files.forEach(file -> names.add(file.getFileName().toString()));
    }
    return names;
  }

  private void build(String word) throws IOException {
    build("cli", "Rehearsal", word);
    build("server", "DressRehearsal", word);
  }

  /** A program that prints a word and its arguments; its jar always has the same size and time. */
  private void build(String module, String rehearsal, String word) throws IOException {
    Path sources = Files.createDirectories(root.resolve("src-" + module));
    Path main = sources.resolve("Main.java");
    Files.writeString(
        main,
        """
        package dev.sandpool.%1$s;
        public class Main {
          public static void main(String[] args) {
            System.out.println("%3$s " + String.join(" ", args));
          }
        }
        class %2$s {
          public static void main(String[] args) {
            Main.main(args);
          }
        }
        """
            .formatted(module, rehearsal, word));
    int failed =
        ToolProvider.getSystemJavaCompiler()
            .run(null, null, null, "-d", sources.toString(), main.toString());
    assertThat(failed).isZero();
    Path target = Files.createDirectories(root.resolve(module + "/target/lib"));
    String folder = "dev/sandpool/" + module + "/";
    Path jar = target.resolveSibling("sandpool-" + module + "-1.jar");
    jar(jar, sources, folder + "Main", folder + rehearsal);
    jar(target.resolve("a.jar"), sources);
  }

  private static void jar(Path jar, Path classes, String... names) throws IOException {
    try (var out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.setLevel(0);
      put(out, "README", "a jar".getBytes(StandardCharsets.UTF_8));
      for (String name : names) {
        String entry = name + ".class";
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
