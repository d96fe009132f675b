package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The lines of docs/operations.md that install a service, as somebody pastes them: only the host's
 * folders are others, and what would change the host only says that it was called.
 */
@SuppressWarnings("NullAway.Init") // JUnit sets the fields before each test.
class InstalledTest {
  private static final String HEADING = "## Install it as a service\n";
  private static final Pattern STARTED = Pattern.compile("(?m)^ExecStart=(\\S+) (\\S+) (.*)$");

  @TempDir Path folder;

  private Path host;
  private LauncherTree checkout;

  @BeforeEach
  void aHostAndABuiltCheckout() throws Exception {
    host = folder.resolve("host");
    for (String there : List.of("usr/local/bin", "usr/lib/sysusers.d", "etc/systemd/system")) {
      Files.createDirectories(host.resolve(there));
    }
    checkout = LauncherTree.in(folder.resolve("checkout")).builtForATalkingJava();
    for (String part : List.of("libexec", "packaging", "docs")) {
      checkout.run("cp", "-r", LauncherTree.repository().resolve(part).toString(), ".");
    }
    checkout.program("dev", "#!/bin/sh\n");
    for (String program : List.of("apt-get", "systemctl", "systemd-sysusers")) {
      checkout.program("bin/" + program, "#!/bin/sh\necho \"CALLED ${0##*/} $*\"\n");
    }
  }

  @Test
  void unitsStartWhatThePastedLinesInstalled() throws Exception {
    assertThat(paste())
        .contains("CALLED systemd-sysusers sandpool.conf")
        .endsWith("CALLED systemctl enable --now sandpool-engine sandpool\nto the end\n");

    assertThat(started("sandpool-engine")).contains("dev.sandpool.server.EngineMain");
    assertThat(started("sandpool")).contains("dev.sandpool.server.Main", "-XX:AOTCache=");
    assertThat(started("sandpool-reclaim")).contains("dev.sandpool.server.ReclaimMain");
    assertThat(host.resolve("etc/systemd/system/sandpool-reclaim.timer")).exists();
    assertThat(host.resolve("etc/sandpool/sandpool.yaml")).content().contains("listen: ");
  }

  /** Whoever has a umask of their own installs as root what the server's user has to read. */
  @Test
  void serversUserMayReadAllOfIt() throws Exception {
    paste();
    try (Stream<Path> files = Files.walk(host.resolve("usr/lib/sandpool"))) {
      assertThat(files.filter(file -> !isReadableByAll(file))).isEmpty();
    }
  }

  private static boolean isReadableByAll(Path file) {
    try {
      return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void pastedAgainTheyReplaceTheProgramAndKeepTheConfiguration() throws Exception {
    paste();
    Path configuration = Files.writeString(host.resolve("etc/sandpool/sandpool.yaml"), "mine");
    Files.delete(folder.resolve("checkout/server/target/lib/a.jar"));
    checkout.write("server/target/lib/b.jar", "another version of the library");

    assertThat(paste()).contains("CALLED systemctl stop sandpool sandpool-engine");

    assertThat(host.resolve("usr/lib/sandpool/server/target/lib"))
        .isDirectoryContaining("glob:**/b.jar")
        .isDirectoryNotContaining("glob:**/a.jar");
    assertThat(configuration).hasContent("mine");
    assertThat(started("sandpool")).contains("lib/b.jar", "-XX:AOTCache=");
  }

  private String paste() throws IOException, InterruptedException {
    String page = Files.readString(LauncherTree.repository().resolve("docs/operations.md"));
    String section = page.substring(page.indexOf(HEADING));
    String lines = section.substring(section.indexOf("```sh\n") + 6, section.indexOf("\n```\n"));
    String here = lines.replaceAll("(?<![\\w*.])/(usr|etc)/", host + "/$1/");
    return checkout.run(
        "bash",
        "-ec",
        "umask 077; PATH=" + host + "/usr/local/bin:$PATH\n" + here + "\necho to the end");
  }

  /** What the unit's line says when it runs, from a folder that is not the checkout. */
  private String started(String unit) throws IOException, InterruptedException {
    String text = Files.readString(host.resolve("etc/systemd/system/" + unit + ".service"));
    var line = STARTED.matcher(text);
    assertThat(line.find()).isTrue();
    return checkout.run(
        "sh", "-c", "cd / && exec " + host + line.group(1) + " " + line.group(2) + " x");
  }
}
