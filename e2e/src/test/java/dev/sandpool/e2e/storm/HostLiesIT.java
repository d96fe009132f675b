package dev.sandpool.e2e.storm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.e2e.HostProcesses;
import dev.sandpool.e2e.Leftovers;
import dev.sandpool.e2e.Shell;
import dev.sandpool.e2e.Stage;
import dev.sandpool.e2e.TestPool;
import dev.sandpool.e2e.TestServer;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * What an operator's hand or a sick host may do to a running or a stopped server: each is found
 * out, shown as a lifecycle event in the log and in the metrics, and mended (G1, G3, G6).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class HostLiesIT {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int READY = 2;
  private static final String CONFIG =
      """
      engine:
        isolation: container
      limits:
        host:
          freeDisk: 16Mi
      """;

  private final Path base = TestServer.newHome("lies");
  private final Path home = Files.createDirectory(base.resolve("small"));
  private final Stage stage;
  private final TestServer server;
  private final TestPool pool;

  HostLiesIT() throws Exception {
    // A disk of its own, because one test fills it and another takes its writing away.
    Shell.run(base, "mount", "-t", "tmpfs", "-o", "size=700m", "e2e-lies", home.toString());
    stage = Stage.open(home.resolve("s"), CONFIG, "--dev").importSample();
    server = stage.server();
    pool = stage.pool("lies", "--max-sessions 40 --ready-sessions " + READY);
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    try {
      stage.close();
    } finally {
      await("nobody uses the disk any more")
          .atMost(Duration.ofSeconds(20))
          .ignoreExceptions()
          .until(() -> Shell.run(base, "umount", home.toString()).isEmpty());
      Leftovers.delete(base);
    }
  }

  // --- while it runs ---------------------------------------------------------------------------

  @Test
  void aSandboxKilledByHandEndsItsSessionAndTheNextRequestGetsAnother() throws Exception {
    String before = pool.instance("killed-1");
    long told = events("sandbox-died");
    HostProcesses.kill(HostProcesses.inSandbox(name("killed-1")).getFirst());
    untilAnother("killed-1", before);
    assertThat(events("sandbox-died")).isEqualTo(told + 1);
  }

  @Test
  void aMonitorKilledByHandEndsItsSession() throws Exception {
    String before = pool.instance("monitor-1");
    String name = name("monitor-1");
    long told = events("sandbox-damaged") + events("sandbox-died");
    HostProcesses.kill(HostProcesses.monitors(name).getFirst());
    untilAnother("monitor-1", before);
    await().atMost(SOON).until(() -> !server.namespaces().contains(name));
    assertThat(events("sandbox-damaged") + events("sandbox-died")).isGreaterThan(told);
  }

  @Test
  void aNamespaceThatLostItsNameGetsItBackAndTheSessionGoesOn() throws Exception {
    String before = pool.instance("netns-01");
    String name = name("netns-01");
    long told = events("sandbox-damaged");
    Shell.run(base, "ip", "netns", "del", name);
    assertThat(server.namespaces()).doesNotContain(name);
    await().atMost(SOON).until(() -> events("sandbox-damaged") == told + 1);
    assertThat(Shell.run(base, "ip", "netns", "exec", name, "ip", "-br", "link")).contains("eth0");
    assertThat(pool.instance("netns-01")).isEqualTo(before);
  }

  @Test
  void aSandboxWithoutItsInterfaceIsReplaced() throws Exception {
    String before = pool.instance("veth-001");
    String name = name("veth-001");
    long told = events("sandbox-damaged");
    Shell.run(base, "ip", "link", "del", name);
    await().atMost(SOON).until(() -> !server.namespaces().contains(name));
    assertThat(events("sandbox-damaged")).isEqualTo(told + 1);
    untilAnother("veth-001", before);
  }

  @Test
  void aMountThatIsGoneCostsNoSessionAndNobodyElseIsGivenThatSandbox() throws Exception {
    String before = pool.instance("mount-01");
    String held = name("mount-01");
    pool.shell("mount-01", "echo kept > /home/app/state");
    await("what is free has been started to the end")
        .atMost(SOON)
        .until(() -> unheld().size() == READY && unheld().stream().allMatch(this::isStarted));
    List<String> free = unheld();
    long told = events("sandbox-damaged");
    for (String name : Stream.concat(free.stream(), Stream.of(held)).toList()) {
      Shell.run(base, "umount", "-l", rootfs(name).toString());
    }
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> {
              assertThat(server.namespaces()).doesNotContainAnyElementsOf(free).contains(held);
              assertThat(unheld()).hasSize(READY);
              // A look between two of the unmounts tells of the others only the next time.
              assertThat(events("sandbox-damaged")).isEqualTo(told + READY + 1);
            });
    assertThat(pool.instance("mount-01")).isEqualTo(before);
    assertThat(pool.shell("mount-01", "cat /home/app/state")).isEqualTo("kept\n");
  }

  @Test
  void aFullDiskCostsNoKnownSessionAndIsToldAndRecoveredFrom() throws Exception {
    String before = pool.instance("full-001");
    long full = events("disk-full");
    Path filler = home.resolve("filler");
    try {
      long usable = Files.getFileStore(home).getUsableSpace() - (8 << 20);
      Shell.run(base, "fallocate", "-l", Long.toString(usable), filler.toString());
      await().atMost(SOON).until(() -> events("disk-full") == full + 1);
      assertThat(pool.instance("full-001")).isEqualTo(before);
      // The ledger may still have room in its own files; refused or served, but in time.
      assertThat(pool.get("/", "full-new1").statusCode()).isIn(200, 503);
    } finally {
      Files.deleteIfExists(filler);
    }
    await().atMost(SOON).until(() -> events("disk-has-room") == 1);
    await().atMost(SOON).until(() -> pool.get("/", "full-new2").statusCode() == 200);
    await().atMost(SOON).until(() -> unheld().size() == READY);
    assertThat(pool.instance("full-001")).isEqualTo(before);
  }

  @Test
  void aLedgerThatIsReplacedWhileItIsOpenTakesNoClaimsUntilTheRestart() throws Exception {
    String before = pool.instance("moved-01");
    Path ledger = find("ledger.db").getFirst();
    Path other = Files.copy(ledger, ledger.resolveSibling("other"));
    Files.move(ledger, ledger.resolveSibling("aside"));
    Files.move(other, ledger);
    await().atMost(SOON).until(() -> events("ledger-unwritable") >= 1);
    HttpResponse<String> fresh = pool.get("/", "moved-new");
    assertThat(fresh.statusCode()).as(fresh.body()).isEqualTo(503);
    assertThat(fresh.headers().firstValue("x-ms-error-code")).hasValue("LedgerUnavailable");
    assertThat(pool.instance("moved-01")).isEqualTo(before);

    server.kill();
    Files.move(ledger.resolveSibling("aside"), ledger, StandardCopyOption.REPLACE_EXISTING);
    server.restart();
    assertThat(pool.instance("moved-01")).isEqualTo(before);
    assertThat(pool.instance("moved-new")).isNotEqualTo(before);
  }

  // --- while it does not -----------------------------------------------------------------------

  @Test
  void anOlderCopyOfTheLedgerGivesNobodyASandboxThatHasServed() throws Exception {
    await().atMost(SOON).until(() -> unheld().size() == READY);
    server.kill();
    Path copy = Files.createDirectory(home.resolve("copy"));
    Path ledger = find("ledger.db").getFirst().resolveSibling("");
    ledgerFiles(ledger, copy);
    server.restart();
    String served = pool.instance("copied-1");
    List<String> known = server.namespaces();

    server.kill();
    ledgerFiles(copy, ledger);
    Leftovers.delete(copy);
    server.restart();

    assertThat(events("ledger-restored")).isEqualTo(1);
    assertThat(pool.instance("copied-1")).isNotEqualTo(served);
    assertThat(pool.instance("other-01")).isNotEqualTo(served);
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(unheld()).hasSize(READY).doesNotContainAnyElementsOf(known));
  }

  @Test
  void whatWasStartedInAnotherBootIsNotAdopted() throws Exception {
    String before = pool.instance("reboot-1");
    List<String> known = server.namespaces();
    server.kill();
    String another = "00000000-0000-4000-8000-000000000000";
    for (Path file : find("boot", "started.json")) {
      String text = Files.readString(file);
      String current = Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
      Files.writeString(file, text.replace(current, another));
    }
    Files.delete(Path.of("/run/sandpool", server.instance().prefix(), "server/claims"));
    server.restart();
    assertThat(events("host-rebooted")).isEqualTo(1);
    assertThat(server.namespaces()).doesNotContainAnyElementsOf(known);
    assertThat(pool.instance("reboot-1")).isNotEqualTo(before);
  }

  // --- what it says ----------------------------------------------------------------------------

  /** From the metrics; the log must say the same. */
  private long events(String kind) throws IOException {
    String metrics = stage.client().arm("GET", "/sandpool/metrics", null).body();
    String begin = "sandpool_lifecycle_events_total{kind=\"" + kind + "\"} ";
    long counted =
        metrics
            .lines()
            .filter(line -> line.startsWith(begin))
            .mapToLong(line -> (long) Double.parseDouble(line.substring(begin.length())))
            .findFirst()
            .orElseThrow(() -> new AssertionError(metrics));
    assertThat(server.log().lines().filter(line -> line.contains("event=" + kind + " ")).count())
        .isGreaterThanOrEqualTo(counted);
    return counted;
  }

  private void untilAnother(String identifier, String before) {
    await()
        .atMost(SOON)
        .until(
            () -> {
              HttpResponse<String> answer = pool.get("/", identifier);
              return answer.statusCode() == 200 && !answer.body().contains(before);
            });
  }

  private String name(String identifier) throws IOException {
    return server.instance().prefix() + pool.sandbox(identifier);
  }

  private List<String> unheld() throws IOException {
    return new Storm(StormPlan.of(0, 0), stage, pool).unheld();
  }

  private Path rootfs(String name) {
    return server.dataDirectory().resolve("engine/sandboxes").resolve(name).resolve("rootfs");
  }

  private boolean isStarted(String name) {
    return Files.exists(rootfs(name).resolveSibling("started.json"));
  }

  private List<Path> find(String... names) throws IOException {
    // Not deeper, where the sandboxes' own files are.
    try (Stream<Path> files = Files.walk(server.dataDirectory(), 4)) {
      return files
          .filter(Files::isRegularFile)
          .filter(file -> List.of(names).contains(String.valueOf(file.getFileName())))
          .toList();
    }
  }

  private static void ledgerFiles(Path from, Path to) throws IOException {
    for (String name : List.of("ledger.db", "ledger.db-wal", "ledger.db-shm")) {
      Files.deleteIfExists(to.resolve(name));
      if (Files.exists(from.resolve(name))) {
        Files.copy(from.resolve(name), to.resolve(name), StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }
}
