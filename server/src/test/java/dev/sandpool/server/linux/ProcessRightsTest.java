package dev.sandpool.server.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rights that are fewer than they were, and look the same. */
class ProcessRightsTest {
  @TempDir private Path proc;

  @BeforeEach
  void showAll() throws IOException {
    show(
        "self/status",
        """
        Name:\tjava
        Threads:\t23
        CapEff:\t000001ffffffffff
        NoNewPrivs:\t0
        Seccomp:\t0
        Seccomp_filters:\t0
        """);
    show("self/attr/current", "unconfined\n");
    show("sys/user/max_user_namespaces", "63432\n");
    show("sys/kernel/unprivileged_userns_clone", "1\n");
    show("sys/kernel/apparmor_restrict_unprivileged_userns", "0\n");
    namespace("user:[4026531837]");
  }

  @ParameterizedTest
  @CsvSource({
    "self/status, 000001ffffffffff, 00000000a80425fb",
    "self/status, 'NoNewPrivs:\t0', 'NoNewPrivs:\t1'",
    "self/status, 'Seccomp:\t0', 'Seccomp:\t2'",
    "self/attr/current, unconfined, docker-default (enforce)",
    "sys/user/max_user_namespaces, 63432, 0",
    "sys/kernel/unprivileged_userns_clone, 1, 0",
    "sys/kernel/apparmor_restrict_unprivileged_userns, 0, 1",
  })
  void aChangeOfEachIsSeen(String file, String now, String later) throws IOException {
    String before = ProcessRights.read(proc);
    String text = Files.readString(proc.resolve(file));
    assertThat(text).contains(now);

    show(file, text.replace(now, later));

    assertThat(ProcessRights.read(proc)).isNotEqualTo(before);
  }

  @Test
  void anotherUserNamespaceIsSeen() throws IOException {
    String before = ProcessRights.read(proc);
    namespace("user:[4026532621]");
    assertThat(ProcessRights.read(proc)).isNotEqualTo(before);
  }

  @Test
  void whatChangesByItselfIsNoChange() throws IOException {
    String before = ProcessRights.read(proc);
    Path status = proc.resolve("self/status");
    show("self/status", Files.readString(status).replace("Threads:\t23", "Threads:\t24"));
    assertThat(ProcessRights.read(proc)).isEqualTo(before);
  }

  @Test
  void aKernelThatTellsLittleIsNoFailure() throws IOException {
    Files.delete(proc.resolve("self/attr/current"));
    Files.delete(proc.resolve("sys/kernel/unprivileged_userns_clone"));
    assertThat(ProcessRights.read(proc))
        .contains("label=- ", "kernel.unprivileged_userns_clone=- ")
        .contains("user.max_user_namespaces=63432 ");
  }

  @Test
  void thisHostTellsTheSameTwice() throws IOException {
    Path real = Path.of("/proc");
    assertThat(ProcessRights.read(real)).contains("CapEff=0").isEqualTo(ProcessRights.read(real));
  }

  private void show(String name, String text) throws IOException {
    Path file = proc.resolve(name);
    Files.createDirectories(file.getParent());
    Files.writeString(file, text);
  }

  private void namespace(String id) throws IOException {
    Path link = proc.resolve("self/ns/user");
    Files.createDirectories(link.getParent());
    Files.deleteIfExists(link);
    Files.createSymbolicLink(link, Path.of(id));
  }
}
