package dev.sandpool.e2e.engine;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.engine.EngineEvent;
import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.SnapshotLoss;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What can be wrong with machines that go on where another one was. */
class MicrovmClonesIT extends OciEngineBed {
  private static final Duration SLOWLY = Duration.ofMinutes(2);
  private static final String NAME = "pool-r1";

  /** Says again and again who it is; process 1 has served since before there were clones. */
  private static final String SAY =
      """
      read -r born </proc/sys/kernel/random/uuid
      busybox httpd -p 8080 -h /www
      busybox sh -c 'until [ -s /tmp/fresh ]; do
        busybox head -c 16 /dev/urandom >/tmp/r; busybox sleep 0.3; done' &
      while :; do
        echo "facts born=$born uuid=$(cat /proc/sys/kernel/random/uuid)\
       random=$(busybox head -c 16 /dev/urandom | busybox md5sum | busybox cut -c1-32)\
       boot=$(cat /proc/sys/kernel/random/boot_id) host=$(busybox hostname) hostfile=$(cat /etc/hostname)\
       machine=$(cat /etc/machine-id) mac=$(cat /sys/class/net/eth0/address)\
       address=$(busybox ip -4 addr show eth0 | busybox awk '/inet/{print $2}')\
       env=$(busybox tr '\\0' '\\n' </proc/1/environ | busybox grep ^HOSTNAME= | busybox cut -d= -f2)\
       time=$(busybox date +%s) end"
        busybox sleep 0.5
      done
      """;

  private final List<EngineEvent> events = new CopyOnWriteArrayList<>();

  @Override
  OciEngineConfig.Runtimes runtimes() {
    return OciEngineConfig.Runtimes.container();
  }

  @Override
  OciEngineConfig adapted(OciEngineConfig config) {
    return config.with(MicrovmGuest.emulated());
  }

  private SandboxSpec ready(int slot, String script) throws Exception {
    SandboxSpec spec = script(slot, script).withSnapshot(NAME);
    RunningSandbox running = engine.start(spec);
    assertThat(get(running)).isEqualTo("tiny\n");
    engine.listen(events::add);
    engine.settled(spec);
    assertThat(events).as("no snapshot").noneMatch(SnapshotLoss.class::isInstance);
    assertThat(get(running)).isEqualTo("tiny\n");
    return spec;
  }

  private String get(RunningSandbox sandbox) {
    var request =
        HttpRequest.newBuilder(URI.create("http://" + sandbox.address() + ":8080/"))
            .timeout(Duration.ofSeconds(10))
            .build();
    try (HttpClient client = HttpClient.newHttpClient()) {
      return await()
          .atMost(SLOWLY)
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(
              () -> client.send(request, HttpResponse.BodyHandlers.ofString()).body(),
              body -> !body.isEmpty());
    }
  }

  /** What it says of itself since it has its own name. */
  private Map<String, String> facts(SandboxSpec spec) {
    return await().atMost(SLOWLY).until(() -> said(spec), lines -> !lines.isEmpty()).getLast();
  }

  /**
   * All that it has said of itself since it has its own name, but for the first line: that may have
   * been begun by the pattern and ended by the clone, because it was frozen in the middle of it.
   */
  private List<Map<String, String>> said(SandboxSpec spec) throws IOException {
    String own = " hostfile=" + spec.id().value() + " ";
    String named = " env=" + spec.id().value() + " ";
    return console(spec.id())
        .lines()
        .filter(text -> text.contains(own) && text.contains(named) && text.endsWith(" end"))
        .skip(1)
        .map(MicrovmClonesIT::words)
        .toList();
  }

  private static Map<String, String> words(String line) {
    return Arrays.stream(line.substring(line.indexOf("facts ") + 6).split(" "))
        .filter(word -> word.contains("="))
        .collect(
            Collectors.toMap(
                word -> word.substring(0, word.indexOf('=')),
                word -> word.substring(word.indexOf('=') + 1)));
  }

  /** Whether its clock shows the time now, and not the one at which its pattern was frozen. */
  private boolean tellsTheTime(SandboxSpec spec) {
    Instant told = Instant.ofEpochSecond(Long.parseLong(facts(spec).get("time")));
    return Duration.between(told, Instant.now()).abs().compareTo(Duration.ofSeconds(3)) < 0;
  }

  private boolean isClone(SandboxSpec spec) {
    return Files.exists(dataDir.resolve("sandboxes/" + instance.nameOf(spec.id()) + "/snapshot"));
  }

  private Path snapshot() throws IOException {
    try (Stream<Path> all = Files.list(dataDir.resolve("snapshots"))) {
      List<Path> found = all.toList();
      assertThat(found).hasSize(1);
      return found.getFirst();
    }
  }

  @Test
  void clonesOfOneMachineHaveNothingInCommonThatNamesThem() throws Exception {
    SandboxSpec first = ready(0, SAY);
    FileTime frozen = Files.getLastModifiedTime(snapshot().resolve("state"));
    // Longer than the clock of one that goes on where its pattern stopped may be taken for right.
    await("an old snapshot").until(() -> Instant.now().isAfter(frozen.toInstant().plusSeconds(8)));
    SandboxSpec second = ready(1, SAY);
    assertThat(List.of(first, second)).allMatch(this::isClone);

    Map<String, String> one = facts(first);
    Map<String, String> other = facts(second);

    assertThat(other.get("born")).as("memory of before").isEqualTo(one.get("born"));
    for (String fact :
        List.of("uuid", "random", "boot", "host", "hostfile", "machine", "mac", "address", "env")) {
      assertThat(other.get(fact)).as(fact).isNotBlank().isNotEqualTo(one.get(fact));
    }
    assertThat(List.of(one, other))
        .extracting(it -> it.get("machine"))
        .allMatch(it -> it.matches("[0-9a-f]{32}"));
    assertThat(one.get("env")).isEqualTo(first.id().value());
    await("the clock").atMost(SLOWLY).until(() -> tellsTheTime(second));
    for (String drawn : List.of("uuid", "random")) {
      assertThat(said(second).stream().map(it -> it.get(drawn)))
          .as("%s, whenever it was drawn", drawn)
          .doesNotContainAnyElementsOf(said(first).stream().map(it -> it.get(drawn)).toList());
    }
  }

  @Test
  void connectionToTheFirstCloneDoesNotStandStillBecauseItsPatternsAreForgotten() throws Exception {
    SandboxSpec spec = script(0, SAY).withSnapshot(NAME);
    RunningSandbox running = engine.start(spec);
    assertThat(get(running)).isEqualTo("tiny\n");
    engine.settled(spec);

    try (var connection = new Socket()) {
      await()
          .atMost(SLOWLY)
          .ignoreExceptionsInstanceOf(IOException.class)
          .until(() -> get(running).equals("tiny\n"));
      connection.connect(new InetSocketAddress(running.address(), 8080));
      connection.setSoTimeout(60_000);
      // Longer than connections of the gone are gathered before they are forgotten.
      await().pollDelay(Duration.ofSeconds(5)).until(() -> true);
      connection.getOutputStream().write("GET / HTTP/1.0\r\n\r\n".getBytes(UTF_8));
      assertThat(new String(connection.getInputStream().readAllBytes(), UTF_8)).contains("tiny");
    }
  }

  @Test
  void snapshotHasItsSecretsInFilesOfRootThatNoCloneCanWriteTo() throws Exception {
    SandboxSpec first = ready(0, SAY);
    Path snapshot = snapshot();

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(snapshot.getParent())))
        .isEqualTo("rwx------");
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(snapshot)))
        .isEqualTo("rwx------");
    for (String file : List.of("memory", "state", "disk")) {
      assertThat(
              PosixFilePermissions.toString(Files.getPosixFilePermissions(snapshot.resolve(file))))
          .isEqualTo("r--r--r--");
      assertThat(Files.getAttribute(snapshot.resolve(file), "unix:uid")).isEqualTo(0);
    }
    Path monitor = Path.of("/proc/" + monitorOf(first));
    String maps = Files.readString(monitor.resolve("maps"));
    assertThat(maps.lines().filter(line -> line.endsWith("/memory")))
        .isNotEmpty()
        .allMatch(line -> line.contains(" rw-p "));
    try (Stream<Path> open = Files.list(monitor.resolve("fd"))) {
      assertThat(open.map(file -> writable(monitor, file)))
          .doesNotContain("/vm/memory", "/vm/state");
    }
    engine.retainSnapshots(Set.of("another"));
    assertThat(snapshot).doesNotExist();
  }

  /** The file behind a descriptor that can be written to, or nothing. */
  private static String writable(Path process, Path descriptor) {
    try {
      String info = Files.readString(process.resolve("fdinfo").resolve(descriptor.getFileName()));
      String flags = info.lines().filter(it -> it.startsWith("flags:")).findFirst().orElse("0");
      return (Long.parseLong(flags.substring(6).strip(), 8) & 3) == 0
          ? ""
          : Files.readSymbolicLink(descriptor).toString();
    } catch (IOException e) {
      return "";
    }
  }

  private long monitorOf(SandboxSpec spec) {
    String name = instance.nameOf(spec.id());
    return ProcessHandle.allProcesses()
        .map(ProcessHandle::pid)
        .filter(
            pid -> {
              Path proc = Path.of("/proc/" + pid);
              try {
                return Files.readString(proc.resolve("comm")).startsWith("qemu-system")
                    && Files.readString(proc.resolve("cgroup")).contains(name);
              } catch (IOException e) {
                return false;
              }
            })
        .findFirst()
        .orElseThrow();
  }

  @Test
  void changedSnapshotIsNotStartedFrom_itBootsWithAnEvent() throws Exception {
    engine.stop(ready(0, SAY).id(), Duration.ZERO);
    try (var memory = new RandomAccessFile(snapshot().resolve("memory").toFile(), "rw")) {
      memory.seek(40 << 20);
      memory.write(new byte[] {1, 2, 3});
    }
    engine.close();
    engine = open("root");
    engine.listen(events::add);
    SandboxSpec next = script(1, SAY).withSnapshot(NAME);

    RunningSandbox running = engine.start(next);

    assertThat(isClone(next)).isFalse();
    assertThat(get(running)).isEqualTo("tiny\n");
    assertThat(events)
        .filteredOn(SnapshotLoss.class::isInstance)
        .singleElement()
        .asString()
        .contains(NAME, "'memory' has changed");
  }

  @Test
  void deviceStateThatQemuRefusesMeansABootAndNoSecondAttempt() throws Exception {
    engine.stop(ready(0, SAY).id(), Duration.ZERO);
    try (var state = new RandomAccessFile(snapshot().resolve("state").toFile(), "rw")) {
      state.setLength(state.length() / 2);
    }
    SandboxSpec next = script(1, SAY).withSnapshot(NAME);

    RunningSandbox running = engine.start(next);

    assertThat(isClone(next)).isFalse();
    assertThat(get(running)).isEqualTo("tiny\n");
    assertThat(events).filteredOn(SnapshotLoss.class::isInstance).hasSize(1);
    engine.settled(next);
    assertThat(isClone(next)).isFalse();
  }

  @Test
  void otherEnvironmentIsAnotherSnapshot_soNoneTakesItsSecretsFromAnother() throws Exception {
    ready(0, SAY);
    SandboxSpec plain = script(1, SAY);
    var other =
        new SandboxSpec(
            plain.id(),
            1,
            plain.imageDigest(),
            plain.command(),
            plain.args(),
            Map.of("SECRET", "other"),
            plain.cpu(),
            plain.memoryBytes(),
            plain.targetPort(),
            plain.network(),
            false,
            NAME);

    engine.start(other);

    assertThat(isClone(other)).isFalse();
  }

  @Test
  void patternThatIsKilledWhileItIsCapturedLeavesNothing() throws Exception {
    SandboxSpec spec = script(0, SAY).withSnapshot(NAME);
    get(engine.start(spec));
    long monitor = monitorOf(spec);
    // It cannot answer any more, and is killed while it is waited for.
    new ProcessBuilder("kill", "-STOP", Long.toString(monitor)).start().waitFor();
    Thread waiting = Thread.currentThread();
    Thread killer =
        Thread.ofPlatform()
            .start(
                () -> {
                  await()
                      .atMost(SLOWLY)
                      .until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
                  ProcessHandle.of(monitor).ifPresent(ProcessHandle::destroyForcibly);
                });

    engine.settled(spec);
    killer.join();

    assertThat(isClone(spec)).isFalse();
    assertThat(get(engine.running().getFirst())).isEqualTo("tiny\n");
    try (Stream<Path> all = Files.list(dataDir.resolve("snapshots"))) {
      assertThat(all).isEmpty();
    }
  }
}
