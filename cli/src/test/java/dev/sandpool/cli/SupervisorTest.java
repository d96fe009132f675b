package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code libexec/serve} starts, with a stand-in for the JVM. */
@SuppressWarnings("NullAway.Init") // JUnit sets the field before each test.
class SupervisorTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  @TempDir Path folder;

  /** An engine that nobody supervises would refuse every later one its place. */
  @Test
  void partThatIsNotBoundYetEndsWithASupervisorThatIsKilled() throws Exception {
    Path ran = folder.resolve("ran");
    script("java", "touch '%s'; sleep 60".formatted(ran));
    script(
        "setpriv",
        """
        PATH=${PATH#*:}
        case "$*" in *pdeathsig*)
          echo $$ >'%1$s.new' && mv '%1$s.new' '%1$s'
          while kill -0 "$PPID"; do sleep 0.01; done
        esac
        exec setpriv "$@"
        """
            .formatted(folder.resolve("late")));
    Process supervisor = supervisor();
    ProcessHandle late;
    try {
      await().atMost(PATIENCE).until(() -> Files.exists(folder.resolve("late")));
      String pid = Files.readString(folder.resolve("late")).strip();
      late = ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    } finally {
      supervisor.destroyForcibly().waitFor();
    }
    try {
      await().atMost(PATIENCE).until(() -> !late.isAlive() || Files.exists(ran));
      assertThat(ran).doesNotExist();
    } finally {
      late.destroyForcibly();
    }
  }

  @Test
  void engineThatIsKilledWhileTheServerIsStartedAnewIsStartedAnewAsWell() throws Exception {
    script(
        "java",
        """
        case "$*" in *EngineMain*) part=engine;; *) part=server;; esac
        echo $$ >>'%s'/$part
        printf 'folders in data\nengine socket\n'
        exec tail -f /dev/null
        """
            .formatted(folder));
    withoutRights();
    script(
        "sleep",
        """
        touch '%1$s/pausing'
        PATH=${PATH#*:}
        until [ -e '%1$s/go' ]; do sleep 0.01; done
        """
            .formatted(folder));
    Process supervisor = supervisor();
    try {
      kill(part("server", 1));
      await().atMost(PATIENCE).until(() -> Files.exists(folder.resolve("pausing")));
      kill(part("engine", 1));
      Files.createFile(folder.resolve("go"));

      assertThat(part("server", 2).isAlive()).isTrue();
      assertThat(part("engine", 2).isAlive()).isTrue();
    } finally {
      List<ProcessHandle> parts = supervisor.children().toList();
      supervisor.destroyForcibly().waitFor();
      parts.forEach(ProcessHandle::destroyForcibly);
    }
  }

  @Test
  void serverIsStartedBesideAnEngineThatTakesItsTime() throws Exception {
    script(
        "java",
        """
        case "$*" in *EngineMain*) part=engine;; *) part=server;; esac
        echo $$ >>'%1$s'/$part
        echo folders in data
        until [ -e '%1$s/go' ]; do sleep 0.01; done
        echo engine socket
        exec tail -f /dev/null
        """
            .formatted(folder));
    withoutRights();
    Process supervisor = supervisor();
    try {
      assertThat(part("server", 1).isAlive()).isTrue();
      Files.createFile(folder.resolve("go"));
      assertThat(part("engine", 1).isAlive()).isTrue();
    } finally {
      List<ProcessHandle> parts = supervisor.children().toList();
      supervisor.destroyForcibly().waitFor();
      parts.forEach(ProcessHandle::destroyForcibly);
    }
  }

  /** It would find the folders of another server, or none; and it has no say in when. */
  @Test
  void serverTouchesNothingBeforeItsFoldersAreThere() throws Exception {
    script(
        "java",
        """
        case "$*" in
          *EngineMain*)
            until [ -e '%1$s/go' ]; do sleep 0.01; done
            printf 'folders in data\nengine socket\n' ;;
          *)
            touch '%1$s/begun'
            if { echo x >&0; } 2>/dev/null; then touch '%1$s/told-early'; fi
            read -r _
            if [ -e '%1$s/go' ]; then touch '%1$s/told'; else touch '%1$s/told-early'; fi ;;
        esac
        exec tail -f /dev/null
        """
            .formatted(folder));
    withoutRights();
    Process supervisor = supervisor();
    try {
      await().atMost(PATIENCE).until(() -> Files.exists(folder.resolve("begun")));
      Files.createFile(folder.resolve("go"));
      await().atMost(PATIENCE).until(() -> Files.exists(folder.resolve("told")));
      assertThat(folder.resolve("told-early")).doesNotExist();
    } finally {
      List<ProcessHandle> parts = supervisor.children().toList();
      supervisor.destroyForcibly().waitFor();
      parts.forEach(ProcessHandle::destroyForcibly);
    }
  }

  @Test
  void serverDoesNotWaitForAnEngineThatTheHostRefuses() throws Exception {
    script(
        "java",
        """
        case "$*" in
          *EngineMain*)
            echo folders in data
            until [ -e '%1$s/server' ]; do sleep 0.01; done
            exit 7 ;;
        esac
        echo $$ >>'%1$s'/server
        exec tail -f /dev/null
        """
            .formatted(folder));
    withoutRights();

    Process supervisor = supervisor();

    assertThat(supervisor.waitFor()).isEqualTo(7);
    long server = Long.parseLong(Files.readString(folder.resolve("server")).strip());
    assertThat(ProcessHandle.of(server).filter(ProcessHandle::isAlive)).isEmpty();
  }

  @Test
  void whoIsToldToEndDoesNotWaitForAnEngineThatTakesItsTime() throws Exception {
    script(
        "java",
        """
        case "$*" in *EngineMain*) part=engine;; *) part=server;; esac
        echo $$ >>'%1$s'/$part
        echo folders in data
        while :; do sleep 0.01; done
        """
            .formatted(folder));
    withoutRights();
    Process supervisor = supervisor();
    try {
      assertThat(part("server", 1).isAlive()).isTrue();
      supervisor.destroy();
      assertThat(supervisor.waitFor(PATIENCE)).isTrue();
      assertThat(Files.readString(folder.resolve("engine")).lines()).hasSize(1);
      assertThat(supervisor.exitValue()).isEqualTo(143);
    } finally {
      List<ProcessHandle> parts = supervisor.children().toList();
      supervisor.destroyForcibly().waitFor();
      parts.forEach(ProcessHandle::destroyForcibly);
    }
  }

  /** Those to change who it is. */
  private void withoutRights() throws IOException {
    script("setpriv", "until [ \"${1#--}\" = \"$1\" ]; do shift; done; exec \"$@\"");
  }

  /** That part in its so manieth life, once it lives. */
  private ProcessHandle part(String name, int life) {
    Path pids = folder.resolve(name);
    await()
        .atMost(PATIENCE)
        .until(() -> Files.exists(pids) && Files.readString(pids).lines().count() >= life);
    try {
      String pid = Files.readString(pids).lines().toList().get(life - 1);
      return ProcessHandle.of(Long.parseLong(pid)).orElseThrow();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void kill(ProcessHandle part) {
    part.destroyForcibly();
    await().atMost(PATIENCE).until(() -> !part.isAlive());
  }

  private Process supervisor() throws IOException {
    Path serve = Path.of("").toAbsolutePath().resolveSibling("libexec/serve");
    var builder = new ProcessBuilder(List.of("bash", serve.toString()));
    builder.environment().merge("PATH", folder.toString(), (path, first) -> first + ":" + path);
    builder.environment().put("SANDPOOL_JAVA", folder.resolve("java").toString());
    builder.environment().put("SANDPOOL_HOME", folder.toString());
    builder.environment().put("SANDPOOL_CLASSES", folder.toString());
    builder.environment().put("SANDPOOL_CACHE", "");
    builder.environment().put("SANDPOOL_UID", "0");
    builder.environment().put("SANDPOOL_GID", "0");
    return builder.redirectErrorStream(true).redirectOutput(new File("/dev/null")).start();
  }

  private void script(String name, String text) throws IOException {
    Path file = Files.writeString(folder.resolve(name), "#!/bin/sh\n" + text);
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
  }
}
