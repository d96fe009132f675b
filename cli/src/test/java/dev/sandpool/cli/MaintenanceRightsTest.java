package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Root's commands on a folder that the server's user may write: whoever took the server over must
 * not have root write for him. {@code libexec/maintain}, with a stand-in for the JVM.
 */
@SuppressWarnings("NullAway.Init") // JUnit sets the field before each test.
class MaintenanceRightsTest {
  private static final String OWNER = "59090";

  @TempDir Path folder;

  @BeforeEach
  void folderOfAnother() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "only root has rights to give up");
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path own = Files.createDirectories(folder.resolve("data/server"));
    run("chown", OWNER, own.toString());
    Path java = folder.resolve("java");
    Files.writeString(
        java,
        """
        #!/bin/sh
        while [ "$1" != dev.sandpool.server.MaintenanceMain ]; do shift; done
        id -u >'%1$s/who'
        case $2 in
          backup) echo ledger >"$3" ;;
          restore) cat "$3" >'%1$s/ledger.db' ;;
          rotate-key) echo key >'%1$s/next' ;;
        esac
        """
            .formatted(own));
    Files.setPosixFilePermissions(java, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  @Test
  void workInTheServersFolderIsDoneByItsOwner() throws Exception {
    Path copy = folder.resolve("copy.db");

    assertThat(maintain("backup", copy.toString())).contains("copied to " + copy);
    assertThat(who()).isEqualTo(OWNER);
    assertThat(Files.readString(copy)).isEqualTo("ledger\n");
    assertThat(Files.getAttribute(copy, "unix:uid")).isEqualTo(0);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(copy)))
        .isEqualTo("rw-------");

    Files.delete(folder.resolve("data/server/who"));
    assertThat(maintain("restore", copy.toString())).contains("that of " + copy);
    assertThat(who()).isEqualTo(OWNER);
    assertThat(folder.resolve("data/server/ledger.db")).hasContent("ledger");

    Files.delete(folder.resolve("data/server/who"));
    maintain("rotate-key");
    assertThat(who()).isEqualTo(OWNER);
  }

  @Test
  void aLinkOfTheServersUserLeadsRootNowhere() throws Exception {
    Path target = Files.writeString(folder.resolve("root-only"), "precious");
    Path link = folder.resolve("data/server/next");
    Files.createSymbolicLink(link, target);
    run("chown", "-h", OWNER, link.toString());

    maintain("rotate-key");

    assertThat(target).hasContent("precious");
  }

  @Test
  void aBackupGoesOverNothing() throws Exception {
    Path there = Files.writeString(folder.resolve("there.db"), "older");
    Path dangling = folder.resolve("dangling");
    Files.createSymbolicLink(dangling, folder.resolve("elsewhere"));

    assertThat(maintain("backup", there.toString())).contains("is there already");
    assertThat(maintain("backup", dangling.toString())).contains("is there already");

    assertThat(there).hasContent("older");
    assertThat(Files.exists(folder.resolve("elsewhere"), LinkOption.NOFOLLOW_LINKS)).isFalse();
  }

  private String who() throws IOException {
    return Files.readString(folder.resolve("data/server/who")).strip();
  }

  private String maintain(String... words) throws Exception {
    Path script = Path.of("").toAbsolutePath().resolveSibling("libexec/maintain");
    List<String> command = new ArrayList<>(List.of("sh", script.toString()));
    command.addAll(List.of(words));
    command.addAll(List.of("--data-dir", folder.resolve("data").toString()));
    return run(command.toArray(String[]::new));
  }

  private String run(String... command) throws Exception {
    var builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put("SANDPOOL_JAVA", folder.resolve("java").toString());
    builder.environment().put("SANDPOOL_CLASSES", folder.toString());
    builder.environment().put("SANDPOOL_HOME", folder.toString());
    Process process = builder.start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }
}
