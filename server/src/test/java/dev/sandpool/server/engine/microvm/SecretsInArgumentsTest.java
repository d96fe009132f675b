package dev.sandpool.server.engine.microvm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.oci.ImageRoot;
import dev.sandpool.server.engine.oci.ImageUser;
import dev.sandpool.server.engine.oci.OciSpec;
import dev.sandpool.server.engine.oci.SandboxFolder;
import dev.sandpool.server.engine.oci.Vessel;
import dev.sandpool.server.image.StoredImage.ImageConfig;
import dev.sandpool.server.network.Slot;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a guest shall run, and its secrets, go to it on its own disk and nowhere else. */
class SecretsInArgumentsTest {
  private static final String SEED = "5e".repeat(32);
  private static final GuestNote.Identity IDENTITY =
      new GuestNote.Identity(SEED, "a1".repeat(16), new UUID(1, 2));

  @TempDir Path folder = Path.of("/nonexistent");

  private Vessel.Cargo cargo(Map<String, String> env, List<String> args) {
    var id = new SandboxId("abcd2345");
    var image =
        new ImageRoot(folder, new ImageConfig(List.of(), List.of(), List.of(), "0", "/", "amd64"));
    var spec =
        new SandboxSpec(
            id,
            0,
            "sha256:" + "1".repeat(64),
            List.of(),
            List.of(),
            Map.of(),
            1,
            64 << 20,
            80,
            NetworkStatus.EGRESS_ENABLED);
    var process =
        new OciSpec.GuestProcess(
            args, env, "/work", new ImageUser(12, 34, List.of(34L, 77L), "/home"));
    return new Vessel.Cargo(
        new SandboxFolder(id, "spaaaaabcd2345", folder, folder.resolve("exit")),
        spec,
        image,
        process,
        new Slot("spaaaaabcd2345", "10.213.0.0", "10.213.0.1", true, false),
        List.of("9.9.9.9"));
  }

  @Test
  void theNoteHasEverythingBehindTheGuestsOwnBlock() {
    var note =
        GuestNote.of(cargo(Map.of("KEY", "s3cret = x"), List.of("/a", "", "b c")), IDENTITY, 99, 7);

    byte[] bytes = note.bytes();

    assertThat(bytes.length % 4096).isZero();
    for (int i = 0; i < GuestNote.REPORT_BYTES; i++) {
      assertThat(bytes[i]).isZero();
    }
    String text = new String(bytes, StandardCharsets.UTF_8).substring(GuestNote.REPORT_BYTES);
    assertThat(text.substring(0, text.indexOf("\0\0")).split("\0"))
        .contains(
            "host=abcd2345",
            "seed=" + SEED,
            "machine=" + "a1".repeat(16),
            "boot=00000000-0000-0001-0000-000000000002",
            "address=10.213.0.1",
            "gateway=10.213.0.0",
            "egress=1",
            "resolver=9.9.9.9",
            "uid=12",
            "gid=34",
            "group=34",
            "group=77",
            "files=99",
            "processes=7",
            "env=KEY=s3cret = x")
        .containsSubsequence("arg=/a", "arg=", "arg=b c");
  }

  @Test
  void aNulCannotAddAWordAndTooMuchIsRefused() {
    assertThatThrownBy(
            () -> GuestNote.of(cargo(Map.of("A", "x\0uid=0"), List.of("/a")), IDENTITY, 9, 9))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("env");
    var large =
        GuestNote.of(cargo(Map.of("A", "x".repeat(2 << 20)), List.of("/a")), IDENTITY, 9, 9);
    assertThatThrownBy(large::bytes)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("at most 1048576");
  }

  @Test
  void theMachinesCommandNamesNothingOfTheSandboxButItsHardwareAddress() {
    List<String> command =
        new QemuCommand(Accelerator.TCG, 200, 1, new Birth.Boot()).sandbox("02:53:00:00:00:01");

    assertThat(command).contains("-nodefaults", "-no-user-config", "-no-reboot");
    assertThat(command)
        .anyMatch(word -> word.startsWith("on,obsolete=deny,elevateprivileges=deny,spawn=deny"));
    assertThat(command)
        .filteredOn(word -> word.contains("/vm/root"))
        .allMatch(word -> word.contains("read-only=on"));
    assertThat(String.join(" ", command)).doesNotContain("abcd2345").doesNotContain("10.213.");
  }

  @Test
  void aCloneIsToldWhoItIsAndNoSecretOfItsPattern() {
    var cargo = cargo(Map.of("KEY", "s3cret"), List.of("/a"));
    int size = GuestNote.of(cargo, IDENTITY, 9, 9).bytes().length;

    byte[] bytes = GuestNote.ofClone(cargo, IDENTITY).bytes(size);

    assertThat(bytes).as("a disk of the size that its kernel knows").hasSize(size);
    assertThat(new String(bytes, StandardCharsets.UTF_8))
        .contains("host=abcd2345", "seed=" + SEED, "mac=02:53:", "address=10.213.0.1")
        .doesNotContain("s3cret");
  }

  @Test
  void onlyPatternsAndClonesHaveAMonitorAndOnlyPatternsWriteToTheirMemory() {
    var facts = new Snapshot.Facts("r1", "boot", 8192, Map.of());
    List<String> boot = new QemuCommand(Accelerator.TCG, 200, 1, new Birth.Boot()).sandbox("m");
    List<String> pattern =
        new QemuCommand(Accelerator.TCG, 200, 1, new Birth.Pattern("key")).sandbox("m");
    List<String> clone =
        new QemuCommand(Accelerator.TCG, 200, 1, new Birth.Clone(new Snapshot(folder, facts)))
            .sandbox("m");

    assertThat(boot).containsSubsequence("-monitor", "none").noneMatch(it -> it.contains("share"));
    assertThat(pattern).anyMatch(it -> it.endsWith("share=on")).doesNotContain("-incoming");
    assertThat(clone).anyMatch(it -> it.endsWith("share=off")).contains("-incoming");
  }

  @Test
  void aJailHasNoCapabilityAndOnlyTheDevicesAndFilesThatItNeeds() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    String json =
        new Jail(
                folder,
                1_880_096_769,
                List.of("/usr/bin/sh"),
                Map.of("root", file, "disk", file),
                List.of("disk"),
                List.of(Jail.Device.TUN),
                new Jail.Bounds(
                    256 << 20,
                    32 << 20,
                    /* boundSwap= */ true,
                    "/sp/box",
                    "/run/netns/sp",
                    Optional.empty()))
            .json();

    assertThat(json)
        .contains("\"noNewPrivileges\":true", "\"capabilities\":{}", "\"readonly\":true")
        .contains("\"path\":\"/dev/net/tun\"")
        .doesNotContain("/dev/kvm")
        .contains("\"RLIMIT_FSIZE\"");
    assertThat(json).containsPattern("\"destination\":\"/vm/root\"[^}]*\"ro\"");
    assertThat(json).containsPattern("\"destination\":\"/vm/disk\"[^}]*\"rw\"");
  }
}
