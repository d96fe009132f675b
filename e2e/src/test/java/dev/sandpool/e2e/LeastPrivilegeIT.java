package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** What reads requests has no rights on the host, and what has them listens to nothing but that. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class LeastPrivilegeIT {
  private static final Path HERE = Path.of("/");
  private static final int NOBODY = 65_534;

  /** Asks the engine who it is, and prints what it says or why it could not be asked. */
  private static final String CALL =
      """
      import contextlib, socket, sys
      try:
          s = socket.socket(socket.AF_UNIX)
          s.connect(sys.argv[1])
          with contextlib.suppress(BrokenPipeError):  # it may have been refused already
              s.sendall(b'{"call":"info"}\\n')
          print(s.makefile().readline())
      except OSError as e:
          print(type(e).__name__)
      """;

  private final Stage stage;

  LeastPrivilegeIT() throws Exception {
    stage = Stage.open("rights", "", "--sandboxes", "stop");
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    stage.close();
  }

  private long pid(String part) {
    return Objects.requireNonNull(stage.server().processes().get(part), part);
  }

  private String status(String part) throws IOException {
    return Files.readString(Path.of("/proc", Long.toString(pid(part)), "status"));
  }

  private int uid(String part) throws IOException {
    return Integer.parseInt(status(part).replaceAll("(?s).*\\nUid:\\t(\\d+)\\t.*", "$1"));
  }

  private static String as(int uid, String... command) throws Exception {
    String[] user = {"setpriv", "--reuid=" + uid, "--regid=" + uid, "--clear-groups"};
    return Shell.run(HERE, Shell.join(user, command));
  }

  @Test
  void whatReadsRequestsIsAUserOfItsOwnWithoutRights() throws Exception {
    String status = status("server");
    assertThat(status)
        .containsPattern("Uid:\\t([1-9]\\d*)\\t\\1\\t\\1\\t\\1\\n")
        .containsPattern("Gid:\\t([1-9]\\d*)\\t\\1\\t\\1\\t\\1\\n")
        .containsPattern("Groups:\\t *\\n")
        .contains("NoNewPrivs:\t1\n");
    for (String set : List.of("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb")) {
      assertThat(status).contains(set + ":\t0000000000000000\n");
    }
    assertThat(status("engine"))
        .as("the other part has them")
        .contains("Uid:\t0\t0\t0\t0\n")
        .doesNotContain("CapEff:\t0000000000000000\n");
  }

  @Test
  void whatHasRightsListensNowhere() throws Exception {
    List<String> listening = Shell.run(HERE, "ss", "-Htulnp").lines().toList();
    assertThat(listening).anyMatch(line -> line.contains("pid=" + pid("server") + ","));
    assertThat(listening).noneMatch(line -> line.contains("pid=" + pid("engine") + ","));
  }

  @Test
  void theServersUserSeesNothingOfTheEngines() throws Exception {
    String data = stage.server().dataDirectory().toString();
    String look = "ls \"$0/server\" >/dev/null && ls \"$0/engine\" 2>&1; touch \"$0/x\" 2>&1; true";
    assertThat(as(uid("server"), "sh", "-c", look, data))
        .contains("ls: ", "touch: ")
        .containsSubsequence("Permission denied", "Permission denied");
  }

  @Test
  void theEngineAnswersTheServersUserAloneWhateverTheSocketsFileSays() throws Exception {
    Path socket = Path.of("/run/sandpool", stage.server().instance().prefix(), "engine");
    String[] call = {"/usr/bin/python3", "-c", CALL, socket.toString()};
    assertThat(as(uid("server"), call)).contains("\"isolation\"");
    assertThat(as(NOBODY, call)).isEqualTo("PermissionError\n");
    Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
    try {
      assertThat(as(NOBODY, call))
          .contains("you may not call this engine")
          .doesNotContain("\"isolation\"");
    } finally {
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-------"));
    }
  }
}
