package dev.sandpool.e2e.vm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.e2e.Leftovers;
import dev.sandpool.e2e.Shell;
import dev.sandpool.e2e.Stage;
import dev.sandpool.e2e.TestCli;
import dev.sandpool.e2e.TestClient;
import dev.sandpool.e2e.TestPool;
import dev.sandpool.e2e.TestServer;
import dev.sandpool.model.InstanceId;
import dev.sandpool.server.identity.AdminContext;
import dev.sandpool.server.time.Patience;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.MethodOrderer.OrderAnnotation;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * The units of {@code packaging/systemd} on a host that is theirs: sandboxes outlive the services,
 * and are freed where the server stays away. Only the guest's list names it, as it writes to
 * /etc/systemd and /var/lib/sandpool. One service goes through all of it, in order.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@TestMethodOrder(OrderAnnotation.class)
class SystemdUnits {
  private static final Path UNITS = Path.of("/etc/systemd/system");
  private static final Path DATA = Path.of("/var/lib/sandpool");
  private static final URI ADDRESS = URI.create("http://127.0.0.1:7070");
  private static final String WHO = "unit-0001";

  private final Path home = Files.createTempDirectory("units");
  private final TestPool pool;
  private String sandbox = "";
  private Set<String> all = Set.of();

  SystemdUnits() throws Exception {
    install();
    systemctl("daemon-reload");
    systemctl("start", "sandpool-engine.service", "sandpool.service");
    Path admin = DATA.resolve("server/admin.json");
    // Written before it serves, and again with its address once it does.
    soon("it serves", () -> AdminContext.read(admin).orElseThrow().endpoint() != null);
    var cli = new TestCli(home, admin);
    cli.ok("sandpool env create -n env -g group --location local --enable-workload-profiles");
    cli.ok("sandpool image import " + Stage.sampleArchive() + " --name " + Stage.SAMPLE);
    try {
      cli.ok(
          Stage.create(
              "lasting",
              "--image "
                  + Stage.SAMPLE
                  + " --target-port 8080 --max-sessions 2 --ready-sessions 1"));
    } catch (AssertionError e) {
      // Nothing else of the guest outlives it.
      System.out.println(journal());
      throw e;
    }
    String endpoint =
        cli.ok(
            "sandpool sessionpool show --name lasting -g group"
                + " --query \"properties.poolManagementEndpoint\" --output tsv");
    var client = new TestClient(AdminContext.read(admin).orElseThrow(), ADDRESS);
    pool = new TestPool(client, "lasting", endpoint.strip());
  }

  private static void install() throws Exception {
    Path units = TestServer.root().resolve("packaging/systemd");
    try (Stream<Path> files = Files.list(units)) {
      for (Path file : files.filter(any -> !any.toString().endsWith(".sysusers")).toList()) {
        Files.copy(file, UNITS.resolve(file.getFileName()));
      }
    }
    Shell.run(units, "systemd-sysusers", units.resolve("sandpool.sysusers").toString());
    Files.createSymbolicLink(Path.of("/usr/lib/sandpool"), TestServer.root());
    Files.createDirectories(Path.of("/etc/sandpool"));
    Files.writeString(
        Path.of("/etc/sandpool/sandpool.yaml"), "server:\n  listen: " + ADDRESS.getAuthority());
    for (String unit : List.of("sandpool-engine", "sandpool", "sandpool-reclaim")) {
      dropIn(
          unit + ".service",
          "[Service]\nEnvironment=SANDPOOL_RUNSC=%s SANDPOOL_JAVA_HOME=%s \"JAVA_TOOL_OPTIONS=%s\"\n"
              .formatted(
                  System.getenv("SANDPOOL_RUNSC"),
                  System.getProperty("java.home"),
                  System.getenv().getOrDefault("JAVA_TOOL_OPTIONS", "")));
    }
    // The hour of the package, as a moment; still longer than a restart takes here.
    dropIn(
        "sandpool-reclaim.timer",
        "[Timer]\nOnActiveSec=\nOnActiveSec=" + waiting().toSeconds() + "s\n");
  }

  private static Duration waiting() {
    return Patience.of(Duration.ofSeconds(6));
  }

  private static void dropIn(String unit, String text) throws IOException {
    Path folder = Files.createDirectories(UNITS.resolve(unit + ".d"));
    Files.writeString(folder.resolve("test.conf"), text);
  }

  @AfterAll
  void whatItInstalledEnds() throws Exception {
    systemctl("stop", "sandpool-reclaim.timer", "sandpool.service", "sandpool-engine.service");
    Shell.run(
        home, TestServer.root().resolve("sandpool").toString(), "reclaim", "--data-dir", DATA + "");
    pool.client().close();
  }

  @Test
  @Order(1)
  void theServerRunsAsItsUserWithoutRights() throws Exception {
    String pid = systemctl("show", "--property", "MainPID", "--value", "sandpool.service").strip();
    String status = Files.readString(Path.of("/proc", pid, "status"));
    String uid = Shell.run(home, "id", "-u", "sandpool").strip();
    assertThat(status)
        .containsPattern("Uid:\\t" + uid + "\\t" + uid)
        .containsPattern("CapPrm:\\t0+\\n")
        .containsPattern("CapBnd:\\t0+\\n")
        .containsPattern("NoNewPrivs:\\t1");
  }

  @Test
  @Order(2)
  void aSessionOutlivesARestartOfTheServer() throws Exception {
    sandbox = pool.instance(WHO);
    // One that is still being started would be reclaimed, as it should be.
    soon("another is ready", () -> pool.client().sandboxes("ready") == 1);
    all = namespaces();
    systemctl("restart", "sandpool.service");
    again();
  }

  @Test
  @Order(3)
  void aSessionOutlivesAServerThatIsKilled() throws Exception {
    systemctl("kill", "--signal", "KILL", "sandpool.service");
    again();
  }

  @Test
  @Order(4)
  void aSessionOutlivesAnEngineThatIsKilled() throws Exception {
    systemctl("kill", "--kill-who", "main", "--signal", "KILL", "sandpool-engine.service");
    again();
  }

  @Test
  @Order(5)
  void aSessionOutlivesARestartOfBoth() throws Exception {
    systemctl("restart", "sandpool-engine.service", "sandpool.service");
    again();
  }

  private void again() {
    soon("it serves again", SystemdUnits::answers);
    soon("the session is the same", () -> pool.instance(WHO).equals(sandbox));
  }

  @Test
  @Order(6)
  void aServerThatIsBackWillNotBeReclaimed() {
    soon("the timer ended", () -> !active("sandpool-reclaim.timer"));
    assertThat(pool.instance(WHO)).isEqualTo(sandbox);
  }

  /**
   * The one that is ready too: it is whole for each engine, with all that an earlier one mounted.
   */
  @Test
  @Order(7)
  void nothingOfASandboxIsGoneWithTheEngineThatMadeIt() throws Exception {
    assertThat(namespaces()).isEqualTo(all);
    assertThat(journal()).contains("sandpool").doesNotContain("event=sandbox-damaged");
  }

  /** What both services have said. */
  private String journal() throws IOException, InterruptedException {
    return Shell.run(home, "journalctl", "--no-pager", "--unit", "sandpool*.service");
  }

  private static Set<String> namespaces() throws IOException {
    return Leftovers.sandboxes(instance()).stream()
        .filter(line -> line.startsWith("netns "))
        .collect(Collectors.toSet());
  }

  private static InstanceId instance() throws IOException {
    return new InstanceId(Files.readString(DATA.resolve("instance")).strip());
  }

  @Test
  @Order(8)
  void whatAServerLeftIsFreedWhenItStaysAway() throws Exception {
    InstanceId instance = instance();
    systemctl("stop", "sandpool.service");
    assertThat(active("sandpool-reclaim.timer")).as("somebody waits").isTrue();
    assertThat(Leftovers.sandboxes(instance)).as("they live on").isNotEmpty();
    soon("all is freed", () -> Leftovers.of(instance, DATA).isEmpty());
    assertThat(active("sandpool-engine.service")).as("nobody starts new ones").isFalse();
  }

  @Test
  @Order(9)
  void aServerComesBackAfterThat() throws Exception {
    systemctl("start", "sandpool.service");
    soon("it serves", SystemdUnits::answers);
    soon("a new sandbox is given", () -> pool.get("/", WHO).statusCode() == 200);
    assertThat(pool.instance(WHO)).isNotEqualTo(sandbox);
  }

  private static boolean answers() throws IOException {
    try (var socket = new java.net.Socket(ADDRESS.getHost(), ADDRESS.getPort())) {
      return socket.isConnected();
    } catch (java.net.ConnectException e) {
      return false;
    }
  }

  private static boolean active(String unit) throws IOException, InterruptedException {
    Process asked = new ProcessBuilder("systemctl", "--quiet", "is-active", unit).start();
    return asked.waitFor() == 0;
  }

  private static String systemctl(String... words) throws IOException, InterruptedException {
    return Shell.run(UNITS, Shell.join(new String[] {"systemctl"}, words));
  }

  private static void soon(String what, Callable<Boolean> so) {
    await(what).atMost(Patience.of(Duration.ofSeconds(30))).ignoreExceptions().until(so);
  }
}
