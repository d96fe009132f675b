package dev.sandpool.e2e.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.engine.EngineEvent;
import dev.sandpool.server.engine.SandboxExit;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.microvm.Emulation;
import dev.sandpool.server.engine.oci.EngineTrial;
import dev.sandpool.server.engine.oci.EngineUnavailableException;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What only a virtual machine can do wrong. */
class MicrovmEngineHazardsIT extends OciEngineBed {
  private static final Duration SLOWLY = Duration.ofMinutes(2);

  @Override
  OciEngineConfig.Runtimes runtimes() {
    return OciEngineConfig.Runtimes.container();
  }

  @Override
  OciEngineConfig adapted(OciEngineConfig config) {
    return config.with(MicrovmGuest.emulated());
  }

  private String line(SandboxSpec sandbox, String word) {
    String all =
        await().atMost(SLOWLY).until(() -> console(sandbox.id()), text -> text.contains("done"));
    return all.lines().filter(line -> line.contains(word)).findFirst().orElseThrow();
  }

  private static String valueOf(String line) {
    return line.substring(line.indexOf('=') + 1);
  }

  @Test
  void twoMachinesShareNoRandomNumbersNorNamesAndKnowTheTime() throws Exception {
    String say =
        "echo uuid=$(cat /proc/sys/kernel/random/uuid); echo boot=$(cat"
            + " /proc/sys/kernel/random/boot_id); echo host=$(hostname); echo time=$(busybox date"
            + " +%s); echo done";
    SandboxSpec first = script(0, say);
    SandboxSpec second = script(1, say);
    engine.start(first);
    engine.start(second);

    for (String word : List.of("uuid=", "boot=", "host=")) {
      assertThat(valueOf(line(first, word))).isNotEqualTo(valueOf(line(second, word)));
    }
    long guest = Long.parseLong(valueOf(line(second, "time=")));
    assertThat(Instant.ofEpochSecond(guest))
        .isBetween(Instant.now().minus(SLOWLY), Instant.now().plusSeconds(5));
  }

  @Test
  void codeReachesNoDeviceOfItsMachineAndNoMoreDiskThanItsOwn() throws Exception {
    SandboxSpec spec =
        script(
            0,
            "busybox mknod /tmp/mem c 1 1; busybox mknod /tmp/vdc b 254 32; cat /tmp/mem /tmp/vdc"
                + " /dev/vda; busybox mount -t devtmpfs x /work; echo devices=$(busybox grep -c"
                + " devtmpfs /proc/mounts); busybox insmod /app/run; busybox dd if=/dev/port"
                + " of=/tmp/port; ls /dev; dd if=/dev/zero of=/big bs=1M count=64; echo after=$?;"
                + " echo done");
    engine.start(spec);

    assertThat(valueOf(line(spec, "after="))).isEqualTo("1");
    assertThat(console(spec.id()))
        .contains("mknod: /tmp/mem: Operation not permitted")
        .contains("mknod: /tmp/vdc: Operation not permitted")
        .contains("'/dev/vda': No such file or directory")
        .contains("insmod: can't insert '/app/run': Operation not permitted")
        .contains("devices=0")
        .contains("No space left on device")
        .doesNotContain("vport");
  }

  @Test
  void rootInsideGivesItsGuestsKernelNoProgramToRunWithEveryPrivilege() throws Exception {
    SandboxSpec spec =
        script(
            0,
            "(echo '|/tmp/mine' >/proc/sys/kernel/core_pattern) 2>&1; (echo b >/proc/sysrq-trigger)"
                + " 2>&1; busybox umount /proc/sys; echo keys=$(cat /proc/keys); ls /sys/firmware;"
                + " echo done");
    engine.start(spec);

    assertThat(valueOf(line(spec, "keys="))).isEmpty();
    assertThat(console(spec.id()))
        .contains("core_pattern: Read-only file system")
        .contains("sysrq-trigger: Read-only file system")
        .contains("umount: can't unmount /proc/sys: Operation not permitted")
        .doesNotContain("acpi");
  }

  @Test
  void aStopReachesTheProgramAsTermAndItsLastWordsAreKept() throws Exception {
    SandboxSpec spec =
        script(0, "trap 'echo asked; exit 3' TERM; echo ready; while :; do sleep 0.2; done");
    engine.start(spec);
    try (var reader =
        new BufferedReader(
            new InputStreamReader(
                engine.console(spec.id(), true).orElseThrow(), StandardCharsets.UTF_8))) {
      assertThat(reader.readLine()).endsWith("ready");
      engine.stop(spec.id(), SLOWLY);
      assertThat(reader.readLine()).endsWith("asked");
    }
  }

  @Test
  void aMonitorThatIsKilledIsAnEndWithAReason() throws Exception {
    List<EngineEvent> events = new CopyOnWriteArrayList<>();
    engine.listen(events::add);
    SandboxSpec spec = script(0, "echo ready");
    engine.start(spec);

    monitorOf(spec).destroyForcibly();

    await().atMost(SLOWLY).until(() -> events.stream().anyMatch(SandboxExit.class::isInstance));
    SandboxExit exit =
        events.stream()
            .filter(SandboxExit.class::isInstance)
            .map(SandboxExit.class::cast)
            .findFirst()
            .orElseThrow();
    assertThat(exit.exitCode()).isEqualTo(255);
    assertThat(exit.lastOutput()).contains("ended without saying why");
    assertThat(engine.running()).isEmpty();
  }

  @Test
  void withoutLeaveNoMachineIsEmulatedAndAKernelThatSpinsIsGivenUp() throws Exception {
    var wished =
        OciEngineConfig.of(dataDir, instance).with(MicrovmGuest.machines(Emulation.FORBIDDEN));
    try {
      assertThat(EngineTrial.run(wished).emulated()).isFalse();
    } catch (EngineUnavailableException e) {
      assertThat(e)
          .hasMessageContaining("KVM: ")
          .hasMessageContaining("software emulation: not allowed, see engine.microvm.emulation");
    }
  }

  @Test
  void theMonitorHasNoCapabilityAndAUserOfItsOwn() throws Exception {
    SandboxSpec first = script(0, "echo ready");
    SandboxSpec second = script(1, "echo ready");
    engine.start(first);
    engine.start(second);

    String status = statusOf(monitorOf(first));

    assertThat(status)
        .contains("CapEff:\t0000000000000000", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1")
        .contains("Seccomp:\t2");
    assertThat(userIn(status)).isNotEqualTo("0").isNotEqualTo(userIn(statusOf(monitorOf(second))));
  }

  private static String statusOf(ProcessHandle process) throws IOException {
    return Files.readString(Path.of("/proc/" + process.pid() + "/status"));
  }

  private static String userIn(String status) {
    return status
        .lines()
        .filter(line -> line.startsWith("Uid:"))
        .findFirst()
        .orElseThrow()
        .split("\t")[1];
  }

  /** QEMU of that sandbox: of all such processes the one in its cgroup. */
  private ProcessHandle monitorOf(SandboxSpec spec) {
    try (Stream<ProcessHandle> all = ProcessHandle.allProcesses()) {
      return all.filter(process -> isMonitor(process, instance.nameOf(spec.id())))
          .findFirst()
          .orElseThrow();
    }
  }

  private static boolean isMonitor(ProcessHandle process, String name) {
    Path proc = Path.of("/proc/" + process.pid());
    try {
      return Files.readString(proc.resolve("comm")).startsWith("qemu-system")
          && Files.readString(proc.resolve("cgroup")).contains(name);
    } catch (IOException e) {
      return false;
    }
  }
}
