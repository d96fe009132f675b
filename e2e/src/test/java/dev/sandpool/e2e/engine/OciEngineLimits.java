package dev.sandpool.e2e.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.Isolation;
import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.engine.SandboxExit;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.SandboxStartException;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import dev.sandpool.server.linux.LoopDevice;
import dev.sandpool.server.network.NetworkConfig;
import dev.sandpool.server.network.TrafficLimits;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Guests that take what they can: each gets what it is given, and its neighbour all the same. */
abstract class OciEngineLimits extends OciEngineBed {
  private static final long MIB = 1 << 20;

  private final List<SandboxExit> exits = new CopyOnWriteArrayList<>();

  @BeforeEach
  void listen() {
    engine.listen(
        event -> {
          if (event instanceof SandboxExit exit) {
            exits.add(exit);
          }
        });
  }

  private Path diskOf(SandboxId id) {
    return dataDir.resolve("sandboxes").resolve(instance.nameOf(id)).resolve("disk");
  }

  /** What the file really takes on the host's disk. */
  private static long allocated(Path file) throws Exception {
    Process process =
        new ProcessBuilder("stat", "-c", "%b", file.toString()).redirectErrorStream(true).start();
    return Long.parseLong(
            new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip())
        * 512;
  }

  private RunningSandbox neighbour() throws Exception {
    return engine.start(running(1, NetworkStatus.EGRESS_DISABLED, "/app/serve"));
  }

  private static void assertAnswers(RunningSandbox sandbox) throws Exception {
    var request =
        HttpRequest.newBuilder(URI.create("http://" + sandbox.address() + ":8080/"))
            .timeout(SOON)
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      await()
          .atMost(SOON)
          .ignoreExceptions()
          .until(
              () ->
                  client
                      .send(request, HttpResponse.BodyHandlers.ofString())
                      .body()
                      .equals("tiny\n"));
    }
  }

  @Test
  void whoFillsItsDiskGetsNoSpaceAndNobodyElseLosesAny() throws Exception {
    RunningSandbox neighbour = neighbour();
    SandboxSpec spec =
        script(
            0,
            "dd if=/dev/zero of=/fill bs=1M count=100 2>&1; echo filled; echo x > /more;"
                + " rm /fill; echo x > /after && echo room again");
    engine.start(spec);

    String output = awaitLine(spec.id(), "room again");

    assertThat(output).contains("No space left on device");
    assertThat(Files.size(diskOf(spec.id()))).isEqualTo(DISK.bytes());
    assertAnswers(neighbour);
    engine.stop(spec.id(), Duration.ZERO);
    assertThat(diskOf(spec.id())).doesNotExist();
  }

  @Test
  void whatAGuestDeletesIsRoomOnTheHostAgain() throws Exception {
    SandboxSpec spec =
        script(
            0,
            "dd if=/dev/urandom of=/fill bs=1M count=20 2>/dev/null; sync; echo written;"
                + " while [ ! -e /go ]; do sleep 0.1; [ -e /fill ] && sleep 2 && rm /fill; sync;"
                + " echo deleted; done");
    engine.start(spec);
    awaitLine(spec.id(), "written");
    await().atMost(SOON).until(() -> allocated(diskOf(spec.id())) > 18 * MIB);

    awaitLine(spec.id(), "deleted");

    await().atMost(SOON).until(() -> allocated(diskOf(spec.id())) < 4 * MIB);
  }

  @Test
  void whoMakesFilesWithoutEndRunsOutOfThem() throws Exception {
    SandboxSpec spec =
        script(0, "i=0; while echo > /tmp/f$i; do i=$((i+1)); done; echo made $i; echo done");
    engine.start(spec);

    String output = awaitLine(spec.id(), "done");

    int made = Integer.parseInt(output.replaceAll("(?s).*made (\\d+).*", "$1"));
    assertThat(made).isBetween((int) DISK.files() - 100, (int) DISK.files());
    assertThat(output).contains("No space left on device");
  }

  @Test
  void noSandboxStartsWhereTheHostsDiskIsNearlyFull() throws Exception {
    engine.close();
    long more = dataDir.toFile().getUsableSpace() * 2;
    var disk = new OciEngineConfig.Disk(DISK.bytes(), DISK.files(), OptionalLong.empty(), more);
    engine = open("root", disk);

    assertThatThrownBy(() -> engine.start(running(0, NetworkStatus.EGRESS_DISABLED, "/app/serve")))
        .isInstanceOfSatisfying(
            SandboxStartException.class,
            e -> assertThat(e.kind()).isEqualTo(SandboxStartException.Cause.HOST))
        .hasMessageContaining("limits.host.freeDisk")
        .hasMessageContaining(" %d MiB ".formatted(more >> 20));
  }

  private SandboxExit awaitExit(SandboxId id) {
    return await()
        .atMost(SOON)
        .until(
            () -> exits.stream().filter(exit -> exit.id().equals(id)).findFirst(),
            Optional::isPresent)
        .orElseThrow();
  }

  private boolean gvisor() {
    return runtimes().isolation() == Isolation.GVISOR;
  }

  private Path cgroup(SandboxId id, String controller, String leaf) {
    String inside = instance.prefix() + "/" + instance.nameOf(id) + "/" + leaf;
    Path root = Path.of("/sys/fs/cgroup");
    Path first = root.resolve(controller).resolve(inside);
    return Files.exists(first) ? first : root.resolve(inside);
  }

  @Test
  void aMemoryHogEndsAndItsNeighbourAnswersMeanwhile() throws Exception {
    RunningSandbox neighbour = neighbour();
    SandboxSpec spec = running(0, NetworkStatus.EGRESS_DISABLED, "/app/hog");
    engine.start(spec);

    assertAnswers(neighbour);
    SandboxExit exit = awaitExit(spec.id());

    assertThat(exit.outOfMemory()).isTrue();
    assertThat(exit.exitCode()).isEqualTo(137);
    assertAnswers(neighbour);
  }

  @Test
  void tmpfsCountsToMemory() throws Exception {
    String fill = "dd if=/dev/zero of=%s/fill bs=1M count=100 2>&1; ";
    SandboxSpec spec = script(0, fill.formatted("/dev/shm") + fill.formatted("/dev") + "echo done");
    engine.start(spec);
    // Of 64 MiB of memory, and 40 beside it under gVisor, each mount's own 64 would fit, both not:
    // gVisor loses the sandbox, runc the process that wrote.
    await()
        .atMost(SOON)
        .until(
            () ->
                console(spec.id()).contains("done")
                    || exits.stream().anyMatch(exit -> exit.id().equals(spec.id())));
    assertThat(console(spec.id()).split("64\\+0 records out", -1))
        .as("at most one of them was filled to its own bound")
        .hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void aForkBombStaysInItsBoundAndTheHostHasProcessesLeft() throws Exception {
    RunningSandbox neighbour = neighbour();
    SandboxSpec spec = script(0, "bomb() { bomb | bomb & }; echo set off; bomb; wait; bomb");
    engine.start(spec);
    awaitLine(spec.id(), "set off");

    assertAnswers(neighbour);
    int bound = gvisor() ? 2048 + 5 * PROCESSES : PROCESSES;
    Path most = cgroup(spec.id(), "pids", "box").resolve("pids.max");
    if (Files.exists(most)) {
      assertThat(Files.readString(most).strip()).isEqualTo(Integer.toString(bound));
    }
    // Under gVisor its memory ends first: to the host its processes are threads of a few.
    Path events = most.resolveSibling("pids.events");
    if (!gvisor() && Files.exists(events)) {
      await("it was refused one more")
          .atMost(SOON)
          .until(() -> !Files.readString(events).strip().equals("max 0"));
    }
    assertThat(new ProcessBuilder("/bin/true").start().waitFor()).isZero();
    engine.stop(spec.id(), Duration.ZERO);
    assertAnswers(neighbour);
  }

  @Test
  void aHoarderOfDescriptorsIsRefusedMore() throws Exception {
    RunningSandbox neighbour = neighbour();
    SandboxSpec spec =
        script(
            0,
            "echo limit $(ulimit -n) $(ulimit -Hn); ulimit -n 9999999 && echo raised; echo done");
    engine.start(spec);

    String output = awaitLine(spec.id(), "done");

    assertThat(output).containsPattern("limit \\d+ \\d+").doesNotContain("raised");
    long limit = Long.parseLong(output.replaceAll("(?s).*limit (\\d+) .*", "$1"));
    assertThat(limit).isLessThanOrEqualTo(65_536);
    assertAnswers(neighbour);
  }

  @Test
  void aFloodOfLinesCostsTheHostATenthOfACoreAtMost() throws Exception {
    RunningSandbox neighbour = neighbour();
    SandboxSpec spec = script(0, "exec yes ''");
    engine.start(spec);
    Path monitor = cgroup(spec.id(), "cpu", "mon");
    assertThat(Files.readString(monitor.resolve("cgroup.procs"))).isNotBlank();

    long begin = System.nanoTime();
    long before = cpuNanos(spec.id());
    await().atMost(SOON).until(() -> System.nanoTime() - begin > 3_000_000_000L);
    double cores = (cpuNanos(spec.id()) - before) / (double) (System.nanoTime() - begin);

    assertThat(cores).as("cores of the monitor").isBetween(0.001, 0.13);
    assertAnswers(neighbour);
  }

  /** Of the sandbox's monitor, user and system. */
  private long cpuNanos(SandboxId id) throws Exception {
    String pid = Files.readString(diskOf(id).resolveSibling("monitor.pid")).strip();
    String stat = Files.readString(Path.of("/proc", pid, "stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 10_000_000;
  }

  @Test
  void whatASandboxWritesStaysBelowItsRateAndTheRuleEndsWithIt() throws Exception {
    engine.close();
    long rate = 4 * MIB;
    engine =
        open(
            "root", new OciEngineConfig.Disk(DISK.bytes(), DISK.files(), OptionalLong.of(rate), 0));
    SandboxSpec spec =
        script(
            0,
            "begin=$(date +%s); dd if=/dev/zero of=/fill bs=1M count=16 conv=fsync 2>&1;"
                + " echo took $(($(date +%s) - begin)) s; echo written");
    engine.start(spec);
    Path mount = diskOf(spec.id()).resolveSibling("written");
    String device = LoopDevice.numberOf(mount).orElseThrow();
    assertThat(diskRules(spec.id())).contains(device + " ").contains(Long.toString(rate));

    String output = awaitLine(spec.id(), "written");

    int seconds = Integer.parseInt(output.replaceAll("(?s).*took (\\d+) s.*", "$1"));
    assertThat(seconds).as("16 MiB at 4 MiB/s, of which some go at once").isGreaterThan(1);
    engine.stop(spec.id(), Duration.ZERO);
    assertThat(diskRules(spec.id())).doesNotContain(device + " ");
  }

  @Test
  void whatASandboxWritesIsCopiedInSmallPieces() throws Exception {
    // Devices that nobody uses keep what was said of them before.
    try (var devices = Files.newDirectoryStream(Path.of("/sys/block"), "loop*")) {
      for (Path device : devices) {
        if (!Files.exists(device.resolve("loop"))) {
          Files.writeString(device.resolve("queue/max_sectors_kb"), "128");
        }
      }
    }
    SandboxSpec spec = script(0, "echo up; sleep 600");
    engine.start(spec);
    awaitLine(spec.id(), "up");
    String device = LoopDevice.numberOf(diskOf(spec.id()).resolveSibling("written")).orElseThrow();
    assertThat(Path.of("/sys/dev/block", device, "queue/max_sectors_kb"))
        .as("what is written to the host's file at once")
        .hasContent("64");
    try (var image = new RandomAccessFile(diskOf(spec.id()).toFile(), "r")) {
      // ext4(5): s_feature_incompat of the superblock, with which Linux copies page by page.
      image.seek(1024 + 0x60);
      int incompatible = Integer.reverseBytes(image.readInt());
      assertThat(incompatible & 0x10000).as("feature encrypt").isNotZero();
    }
  }

  /** On version 1 those of the root group, which do not end with a sandbox's groups. */
  private String diskRules(SandboxId id) throws Exception {
    Path first = Path.of("/sys/fs/cgroup/blkio/blkio.throttle.write_bps_device");
    Path file = Files.exists(first) ? first : cgroup(id, "io", "box").resolveSibling("io.max");
    return Files.exists(file) ? Files.readString(file) : "";
  }

  private static SandboxSpec withCpu(double cpu, SandboxSpec spec) {
    return new SandboxSpec(
        spec.id(),
        spec.slot(),
        spec.imageDigest(),
        spec.command(),
        spec.args(),
        spec.env(),
        cpu,
        spec.memoryBytes(),
        spec.targetPort(),
        spec.network());
  }

  @Test
  void oneThatMayUseLessThanItsMonitorStarts() throws Exception {
    SandboxSpec spec = withCpu(0.05, script(0, "echo up; sleep 600"));
    engine.start(spec);
    awaitLine(spec.id(), "up");
    assertThat(processorMicros(cgroup(spec.id(), "cpu", "box"))).isEqualTo(2500);
  }

  @Test
  void whoComputesWithoutEndGivesWayOnABusyHostUntilItStops() throws Exception {
    // So little that it uses it all beside whatever else runs here.
    SandboxSpec spec =
        withCpu(
            0.1,
            script(
                0,
                "end=$(($(date +%s) + 30)); while [ $(date +%s) -lt $end ]; do i=0;"
                    + " while [ $i -lt 5000 ]; do i=$((i+1)); done; done; echo calm; sleep 600"));
    engine.start(spec);
    Path box = cgroup(spec.id(), "cpu", "box");
    Path idle = box.resolveSibling("cpu.idle");
    assumeThat(idle).as("a kernel from 5.15 on").exists();
    int processors = Runtime.getRuntime().availableProcessors();
    try (var busy = Executors.newFixedThreadPool(processors)) {
      var over = new AtomicBoolean();
      for (int i = 0; i < processors; i++) {
        busy.execute(
            () -> {
              while (!over.get()) {
                Thread.onSpinWait();
              }
            });
      }
      try {
        // Not while it starts, which is taken to last a quarter of a minute.
        await()
            .atMost(SOON.multipliedBy(2))
            .until(() -> Files.readString(idle).strip().equals("1"));
        await().atMost(SOON).until(() -> processorMicros(box) == 1000);
        awaitLine(spec.id(), "calm");
        await().atMost(SOON).until(() -> Files.readString(idle).strip().equals("0"));
        await().atMost(SOON).until(() -> processorMicros(box) == 5000);
      } finally {
        over.set(true);
      }
    }
    Path weight = idle.resolveSibling("cpu.shares");
    if (Files.exists(weight)) {
      assertThat(weight).as("a tenth of a core's").content().isEqualToIgnoringNewLines("102");
    } else {
      assertThat(idle.resolveSibling("cpu.weight")).content().isEqualToIgnoringNewLines("10");
    }
  }

  /** The bound of a cgroup, each 50 ms. */
  private static long processorMicros(Path group) throws IOException {
    Path first = group.resolve("cpu.cfs_quota_us");
    Path file = Files.exists(first) ? first : group.resolve("cpu.max");
    return Long.parseLong(Files.readString(file).strip().split(" ", 2)[0]);
  }

  @Test
  void whatASandboxSendsStaysBelowItsRate() throws Exception {
    String script =
        "dd if=/dev/zero of=/www/big bs=1M count=4 2>/dev/null; httpd -f -p 8080 -h /www";
    Duration free = download(engine.start(script(0, script)));
    engine.reclaim(Set.of());
    engine.close();
    var limits = new TrafficLimits(OptionalLong.of(MIB), 1024);
    engine =
        open(
            "root",
            DISK,
            new NetworkConfig(
                Optional.empty(), List.of(), List.of(), limits, NetworkConfig.IDENTITY_PORT));

    Duration bounded = download(engine.start(script(0, script)));

    // What a second may carry, and a quarter of a MiB, may go at once.
    assertThat(bounded).isGreaterThan(Duration.ofMillis(2500));
    assertThat(free).as("without a rate").isLessThan(Duration.ofMillis(2500));
  }

  private static Duration download(RunningSandbox sandbox) throws Exception {
    assertAnswers(sandbox);
    var request =
        HttpRequest.newBuilder(URI.create("http://" + sandbox.address() + ":8080/big"))
            .timeout(SOON)
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      long begin = System.nanoTime();
      HttpResponse<byte[]> response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
      assertThat(response.body()).hasSize((int) (4 * MIB));
      return Duration.ofNanos(System.nanoTime() - begin);
    }
  }
}
