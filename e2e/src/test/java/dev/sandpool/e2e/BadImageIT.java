package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Images that cannot become sandboxes: making a pool of them ends with the cause, leaves nothing,
 * and another pool goes on serving all the while (G10).
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class BadImageIT {
  private final TestRegistry registry;
  private final Stage stage;
  private final TestPool healthy;
  private final Path work;
  private final AtomicBoolean over = new AtomicBoolean();
  private final Queue<String> troubles = new ConcurrentLinkedQueue<>();
  private final Thread caller;

  BadImageIT() throws Exception {
    Path home = TestServer.newHome("bad");
    work = Files.createDirectories(home.resolve("images"));
    registry = new TestRegistry(home.resolve("registry"));
    registry.push("oci-archive:" + Stage.sampleArchive(), "sample:1");
    stage =
        Stage.open(home, "engine:\n  readyDeadline: 3s\n", "--sandboxes", "stop").importSample();
    healthy = stage.pool("healthy", "--max-sessions 2 --ready-sessions 1");
    healthy.instance("steady-01");
    caller = Thread.ofVirtual().start(this::callAllTheTime);
  }

  private void callAllTheTime() {
    while (!over.get()) {
      var answer = healthy.get("/health", "steady-01");
      if (answer.statusCode() != 200) {
        troubles.add(answer.statusCode() + " " + answer.body());
      }
    }
  }

  @AfterEach
  void nothingOfThePoolIsLeftAndTheOtherServes() throws Exception {
    stage.delete("bad");
    String prefix = stage.server().instance().prefix();
    List<String> others = new ArrayList<>(stage.server().namespaces());
    others.remove(prefix + healthy.sandbox("steady-01"));
    assertThat(others).as("the ready one of the healthy pool").hasSize(1);
    await("folders go with their sandboxes")
        .atMost(Duration.ofSeconds(20))
        .untilAsserted(() -> assertThat(entries("sandboxes", prefix)).hasSize(2));
    assertThat(troubles).isEmpty();
    assertThat(caller.isAlive()).isTrue();
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    over.set(true);
    caller.join();
    registry.close();
    try {
      // A new identifier is served as well.
      assertThat(healthy.get("/", "another-1").statusCode()).isEqualTo(200);
    } finally {
      stage.close();
    }
  }

  private List<Path> entries(String folder, String prefix) throws IOException {
    try (Stream<Path> files =
        Files.list(stage.server().dataDirectory().resolve("engine").resolve(folder))) {
      return files.filter(file -> String.valueOf(file.getFileName()).startsWith(prefix)).toList();
    }
  }

  /** Tries to make a pool; gives what the command said. */
  private String refused(String options) {
    TestCli.Outcome outcome =
        stage
            .cli()
            .type(
                Stage.create(
                    "bad", options + " --target-port 8080 --max-sessions 3 --ready-sessions 1"));
    assertThat(outcome.code()).as(outcome.err()).isEqualTo(1);
    assertThat(outcome.err()).contains("ERROR: (");
    return outcome.err();
  }

  private String fromRegistry(String image) {
    return fromRegistry(image, TestRegistry.PASSWORD);
  }

  private String fromRegistry(String image, String password) {
    return "--image %s/%s --registry-server %s --registry-username %s --registry-password \"%s\""
        .formatted(registry.address(), image, registry.address(), TestRegistry.USER, password);
  }

  /** No image of it, whole or half, is kept. */
  private void noImage(String name) {
    assertThat(stage.cli().ok("sandpool image list")).doesNotContain(name);
  }

  @Test
  void anImageThatDoesNotExist() {
    assertThat(refused(fromRegistry("missing:7")))
        .contains("ImagePullFailed", "missing:7", "no such image or tag");
    noImage("missing");
  }

  @Test
  void aWrongPassword() {
    assertThat(refused(fromRegistry("sample:1", "not the password")))
        .contains("ImagePullFailed", "refused the credentials")
        .doesNotContain("not the password");
  }

  @Test
  void aRegistryThatIsDown() throws Exception {
    String image = "127.0.0.1:" + Ports.free() + "/sample:1";
    assertThat(refused("--image " + image)).contains("ImagePullFailed", image, "did not answer");
  }

  @Test
  void somethingThatIsNoImage() throws Exception {
    String artifact =
        TinyImage.asArtifact(TinyImage.make(work, "x", 0), "application/vnd.example.thing+json");
    registry.push(artifact, "thing:1");
    assertThat(refused(fromRegistry("thing:1")))
        .contains("ImagePullFailed", "not a container image");
    noImage("thing");
  }

  @Test
  void anImageForAnotherKindOfMachine() throws Exception {
    registry.push(TinyImage.make(work, "y", 0, "--architecture", "s390x"), "foreign:1");
    assertThat(refused(fromRegistry("foreign:1")))
        .contains("ImagePullFailed", "another kind of machine", "s390x");
    noImage("foreign");
  }

  @Test
  void aProgramThatIsMissing() {
    assertThat(refused("--image " + Stage.SAMPLE + " --command /no/such/program"))
        .contains("ContainerStartFailed", "/no/such/program");
  }

  @Test
  void aProgramWhoseInterpreterIsMissing() throws Exception {
    registry.push(TinyImage.make(work, "z", 0), "shell-less:1");
    assertThat(refused(fromRegistry("shell-less:1"))).contains("/bin/app");
  }

  @Test
  void aContainerThatExitsAtOnce() {
    assertThat(refused("--image " + Stage.SAMPLE + " --env-vars EXIT_AT_START=23"))
        .contains(
            "ContainerCrashing", "exited with code 23", "leaving at once, as EXIT_AT_START says");
  }

  @Test
  void aContainerThatNeverListens() {
    assertThat(refused("--image " + Stage.SAMPLE + " --env-vars PORT=9999"))
        .contains("ContainerNotListening", "nothing listens on port 8080 after 3 s");
  }

  @Test
  void aContainerThatListensLateIsWaitedFor() {
    TestPool late =
        stage.pool("bad", "--max-sessions 3 --ready-sessions 1 --env-vars LISTEN_DELAY=1.5");
    assertThat(late.get("/", "late-0001").statusCode()).isEqualTo(200);
  }
}
