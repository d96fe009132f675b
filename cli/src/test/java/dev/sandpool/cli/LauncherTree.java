package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A checkout that has the launcher and no more, used by somebody who has a home in it. */
final class LauncherTree {
  /** Says how it was called, and leaves the archives that it was to make. */
  private static final String TALKING_JAVA =
      """
      #!/bin/sh
      echo "$*"
      for option in "$@"; do
        case $option in
          -XX:ArchiveClassesAtExit=* | -XX:AOTCacheOutput=*) : >"${option#*=}" ;;
        esac
      done
      """;

  private final Path root;
  private Path javaHome = Path.of(System.getProperty("java.home", ""));

  private LauncherTree(Path root) {
    this.root = root;
  }

  /** In a folder that is made where it is not there. */
  static LauncherTree in(Path root) throws IOException {
    Files.createDirectories(root.resolve("home"));
    Files.copy(
        repository().resolve("sandpool"),
        root.resolve("sandpool"),
        StandardCopyOption.COPY_ATTRIBUTES);
    return new LauncherTree(root);
  }

  /** The real checkout. */
  static Path repository() throws IOException {
    return Path.of("..").toRealPath();
  }

  /** The same after a build, with a JVM that only says how it was called. */
  LauncherTree builtForATalkingJava() throws IOException {
    write("jdk/release", "JAVA_VERSION=\"25.0.1\"\n");
    program("jdk/bin/java", TALKING_JAVA);
    javaHome = root.resolve("jdk");
    for (String module : List.of("cli", "server")) {
      write(module + "/target/sandpool-" + module + "-1.jar", module);
      write(module + "/target/lib/a.jar", "a library");
    }
    return this;
  }

  /** A program; those in {@code bin/} go before the host's. */
  void program(String name, String text) throws IOException {
    assertThat(write(name, text).toFile().setExecutable(true)).isTrue();
  }

  Path write(String name, String text) throws IOException {
    Path file = root.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  /** What a command says, on either stream. */
  String run(String... command) throws IOException, InterruptedException {
    Path output = root.resolve("output");
    var builder = new ProcessBuilder(command).directory(root.toFile());
    builder.redirectErrorStream(true).redirectOutput(output.toFile());
    Map<String, String> environment = builder.environment();
    environment.put("JAVA_HOME", javaHome.toString());
    environment.put("HOME", root.resolve("home").toString());
    environment.merge("PATH", root.resolve("bin").toString(), (all, own) -> own + ":" + all);
    environment.remove("XDG_CACHE_HOME");
    Process process = builder.start();
    try {
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).as("ended").isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(output);
  }
}
