package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.InstanceId;
import dev.sandpool.model.Json;
import dev.sandpool.server.linux.Mounts;
import dev.sandpool.server.network.AddressClaim;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** {@code sandpool doctor} on the real host: all is well, and then one thing at a time is not. */
class DoctorIT {
  private static final Path HERE = Path.of("").toAbsolutePath();

  @TempDir Path folder = Path.of("/nonexistent");

  /** What the doctor printed, and how it ended. */
  private record Examination(int exitCode, String output) {
    JsonNode json() {
      return Json.MAPPER.readTree(output);
    }

    /** Findings of a check as {@code subject state}. */
    List<String> states(String check) {
      return json()
          .path("checks")
          .valueStream()
          .filter(finding -> finding.path("check").asString().equals(check))
          .map(finding -> finding.path("subject").asString() + " " + state(finding))
          .toList();
    }

    JsonNode finding(String subject) {
      return json()
          .path("checks")
          .valueStream()
          .filter(finding -> finding.path("subject").asString().equals(subject))
          .findFirst()
          .orElseThrow(() -> new AssertionError(subject + " is not in " + output));
    }

    static String state(JsonNode finding) {
      return finding.path("state").asString();
    }
  }

  private Examination doctor(Path dataDirectory, String... more) throws Exception {
    return run(doctorWords(dataDirectory, more));
  }

  /** The doctor after a script that changes what it sees. */
  private Examination doctorAfter(List<String> namespaces, String script, String... more)
      throws Exception {
    List<String> words = new ArrayList<>(namespaces);
    words.addAll(List.of("sh", "-c", script + "\nexec \"$@\"", "sh"));
    words.addAll(doctorWords(folder.resolve("data"), more));
    return run(words);
  }

  private static List<String> doctorWords(Path dataDirectory, String... more) {
    List<String> words =
        new ArrayList<>(List.of(TestServer.root().resolve("sandpool").toString(), "doctor"));
    words.addAll(List.of("--output", "json", "--listen", "127.0.0.1:0"));
    words.addAll(List.of("--data-dir", dataDirectory.toString()));
    words.addAll(List.of(more));
    return words;
  }

  private Examination run(List<String> words) throws IOException, InterruptedException {
    Path errors = folder.resolve("errors");
    Process process = new ProcessBuilder(words).redirectError(errors.toFile()).start();
    try {
      String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
      assertThat(output).as("on standard error: %s", Files.readString(errors)).isNotEmpty();
      return new Examination(process.exitValue(), output);
    } finally {
      process.destroyForcibly();
    }
  }

  @Test
  void onAHostThatRunsTheseTestsNothingFails() throws Exception {
    Examination examination = doctor(folder.resolve("data"));

    assertThat(examination.exitCode()).as(examination.output()).isZero();
    // What this test cannot rule out: bounds of the machine, its clock, what others left on it.
    Set<String> mayWarn = Set.of("resources", "clock", "leftovers", "firewall");
    for (JsonNode finding : examination.json().path("checks")) {
      if (!mayWarn.contains(finding.path("check").asString())) {
        assertThat(Examination.state(finding)).as(finding.toString()).isEqualTo("ok");
      }
    }
    assertThat(examination.finding("a guest").path("found").asString()).contains("gvisor");
    assertThat(folder.resolve("data")).as("the doctor makes nothing").doesNotExist();
  }

  @Test
  void aMissingProgramIsNamedWithItsPackageAndKeepsTheServerFromStarting() throws Exception {
    List<String> namespaces = List.of("unshare", "-m");
    String hide = "mount --bind /dev/null \"$(command -v conmon)\"";
    Examination examination = doctorAfter(namespaces, hide);

    assertThat(examination.exitCode()).isEqualTo(1);
    assertThat(examination.states("tools")).contains("conmon failed", "ip ok");
    assertThat(examination.finding("conmon").path("remedy").asString())
        .isEqualTo("install the package conmon");
    assertThat(examination.states("trial")).containsExactly("a guest failed");

    List<String> serve = new ArrayList<>(namespaces);
    serve.addAll(List.of("sh", "-c", hide + "\nexec \"$@\" 2>&1", "sh"));
    serve.addAll(List.of(TestServer.root().resolve("sandpool").toString(), "serve"));
    serve.addAll(List.of("--listen", "127.0.0.1:0", "--data-dir"));
    serve.add(folder.resolve("data").toString());
    Examination refused = run(serve);
    assertThat(refused.exitCode()).isEqualTo(1);
    assertThat(refused.output()).contains("tools, conmon: missing", "install the package conmon");
  }

  @Test
  void aRuntimeThatIsTooOldForCurrentGuestsIsNamed() throws Exception {
    Path old = folder.resolve("runsc");
    Files.writeString(old, "#!/bin/sh\necho runsc version release-20221219.0\n");
    Files.setPosixFilePermissions(old, PosixFilePermissions.fromString("rwxr-xr-x"));
    Path config = folder.resolve("config.yml");
    Files.writeString(config, "engine:\n  runsc: " + old + "\n");
    Examination examination = doctor(folder.resolve("data"), "--config", config.toString());

    assertThat(examination.exitCode()).isEqualTo(1);
    assertThat(examination.finding("runsc").path("found").asString())
        .contains("20221219", "ls and stat");
  }

  @Test
  void aTrialThatFailsHalfWayKeepsNoAddresses() throws Exception {
    List<String> words = new ArrayList<>(List.of("unshare", "-m", "-n", "sh", "-c"));
    words.add(
        "mount --bind /dev/null \"$(readlink -f /usr/lib/*/libnftables.so.1)\"; \"$@\";"
            + " ip -4 route show type unreachable >&2; echo looked >&2");
    words.add("sh");
    words.addAll(doctorWords(folder.resolve("data")));
    Examination examination = run(words);

    assertThat(examination.states("trial")).containsExactly("a guest failed");
    assertThat(examination.finding("a guest").path("found").asString()).contains("libnftables");
    assertThat(folder.resolve("errors")).content().contains("looked").doesNotContain("10.213.");
  }

  @Test
  void aForeignDropThatBeatsOurAcceptIsNamed() throws Exception {
    Examination examination =
        doctorAfter(
            List.of("unshare", "-n"),
            "nft add table ip filter; nft 'add chain ip filter FORWARD"
                + " { type filter hook forward priority 0; policy drop; }'");

    assertThat(examination.states("firewall")).containsExactly("ip filter FORWARD warning");
    assertThat(examination.exitCode()).as(examination.output()).isZero();
  }

  @Test
  void aDropOfIptablesLegacyIsNamedThoughNftDoesNotShowIt() throws Exception {
    Examination examination =
        doctorAfter(List.of("unshare", "-n"), "iptables-legacy -P FORWARD DROP");

    assertThat(examination.states("firewall"))
        .containsExactly("iptables-legacy filter FORWARD warning");
  }

  @Test
  void aKernelThatRefusesNamespacesIsNamed() throws Exception {
    Examination examination =
        doctorAfter(
            List.of("unshare", "-U", "-r", "-n"),
            "echo 0 >/proc/sys/user/max_user_namespaces; echo 0"
                + " >/proc/sys/user/max_net_namespaces");

    assertThat(examination.exitCode()).isEqualTo(1);
    assertThat(examination.states("kernel"))
        .contains("namespaces failed", "user-namespaces failed", "veth unknown", "release ok");
  }

  @Test
  void anOrdinaryUserLearnsWhatNeedsRoot() throws Exception {
    Examination examination =
        doctorAfter(List.of("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"), "cd /");

    assertThat(examination.states("tools")).contains("conmon ok");
    assertThat(examination.states("trial")).containsExactly("everything unknown");
    assertThat(examination.finding("everything").path("remedy").asString()).contains("root");
  }

  @Test
  void aLoginThatOthersCanReadIsAFailureThatFixCloses() throws Exception {
    try (var server = new TestServer(TestServer.newHome("open"), "", "--sandboxes", "stop")) {
      Files.setPosixFilePermissions(
          server.adminFile(), PosixFilePermissions.fromString("rw-r--r--"));
      Examination open = doctor(server.dataDirectory());
      assertThat(open.exitCode()).isEqualTo(1);
      assertThat(open.states("data")).contains("login failed");

      Examination closed = doctor(server.dataDirectory(), "--fix");
      assertThat(closed.exitCode()).as(closed.output()).isZero();
      assertThat(closed.states("data")).contains("login ok");
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(server.adminFile())))
          .isEqualTo("rw-------");
    }
  }

  @Test
  void fixRemovesWhatADeadServerLeftAndNothingOfOneThatLives() throws Exception {
    InstanceId gone = InstanceId.random(RandomGenerator.getDefault());
    try (var alive = new TestServer(TestServer.newHome("alive"), "", "--sandboxes", "stop");
        var dead = new TestServer(TestServer.newHome("dead"), "", "--sandboxes", "stop")) {
      dead.kill();
      String stays = plant(alive.instance());
      String goes = plant(dead.instance());
      String forgotten = plant(gone);
      String[] claim = {
        "unreachable",
        "198.51.100.0/28",
        "metric",
        Long.toString(AddressClaim.metric(gone)),
        "proto",
        "static"
      };
      route("add", claim);
      Path image = plantImage(dead);
      try {
        Examination before = doctor(dead.dataDirectory());
        assertThat(before.states("leftovers"))
            .contains(
                alive.instance().prefix() + " ok",
                dead.instance().prefix() + " warning",
                gone.prefix() + " warning");
        assertThat(before.finding(dead.instance().prefix()).path("found").asString())
            .contains("1 image mount");
        assertThat(exists(goes)).as("nothing is removed without --fix").isTrue();

        Examination fixed = doctor(dead.dataDirectory(), "--fix");
        assertThat(fixed.json().path("repaired").toString()).contains(goes);
        assertThat(fixed.states("leftovers")).doesNotContain(dead.instance().prefix() + " warning");
        assertThat(Leftovers.of(dead.instance(), dead.dataDirectory())).isEmpty();
        assertThat(exists(forgotten)).as("whose data directory is not this one").isTrue();

        doctor(alive.dataDirectory(), "--fix");
        String id = alive.instance().value();
        Examination refused = doctor(dead.dataDirectory(), "--fix", "--instance", id);
        assertThat(refused.json().path("repaired").toString()).contains("is left alone");
        assertThat(exists(stays)).as("of a server that lives").isTrue();

        Examination forgot = doctor(dead.dataDirectory(), "--fix", "--instance", gone.value());
        assertThat(forgot.json().path("repaired").toString())
            .contains("removed what was left of " + gone.prefix());
        assertThat(exists(forgotten)).isFalse();
        assertThat(AddressClaim.all()).extracting(AddressClaim::owner).doesNotContain(gone);
      } finally {
        if (AddressClaim.all().stream().anyMatch(found -> found.owner().equals(gone))) {
          route("del", claim);
        }
        for (String name : List.of(stays, goes, forgotten)) {
          if (exists(name)) {
            Shell.run(HERE, "ip", "netns", "del", name);
          }
        }
        if (Mounts.all().stream().anyMatch(mount -> mount.target().equals(image))) {
          Shell.run(HERE, "umount", image.toString());
        }
        dead.restart();
      }
    }
  }

  /** An unpacked image as a server that was killed leaves it. */
  private static Path plantImage(TestServer server) throws Exception {
    String name = server.instance().prefix() + "-" + "0a".repeat(32);
    Path mount = server.dataDirectory().resolve("engine/roots").resolve(name).resolve("mount");
    Files.createDirectories(mount);
    Shell.run(HERE, "mount", "-t", "tmpfs", "e2e-image", mount.toString());
    return mount;
  }

  /** A slot as a server makes one. */
  private static String plant(InstanceId instance) throws Exception {
    String name = instance.prefix() + "planted2";
    Shell.run(HERE, "ip", "netns", "add", name);
    Shell.run(
        HERE, "ip", "link", "add", name, "type", "veth", "peer", "name", "eth0", "netns", name);
    return name;
  }

  private static void route(String verb, String... route) throws Exception {
    List<String> words = new ArrayList<>(List.of("ip", "route", verb));
    words.addAll(List.of(route));
    Shell.run(HERE, words.toArray(String[]::new));
  }

  private static boolean exists(String name) {
    return Files.exists(Path.of("/run/netns", name));
  }
}
