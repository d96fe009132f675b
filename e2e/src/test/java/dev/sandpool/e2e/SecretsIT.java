package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Where credentials must not turn up (G9): arguments, logs, files, somebody else's sandbox. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SecretsIT {
  private static final String VARIABLE_SECRET = "variable-Secret-7f3a1c";
  private static final String IDENTIFIER = "very-private-identifier-42";

  private final Stage stage;
  private final TestRegistry registry;
  private final TestPool pool;
  private final Set<String> seenInArguments = ConcurrentHashMap.newKeySet();

  SecretsIT() throws Exception {
    Path home = TestServer.newHome("secrets");
    registry = new TestRegistry(home.resolve("registry"));
    String image = registry.push("oci-archive:" + Stage.sampleArchive(), "sample:1");
    stage = Stage.open(home, "", "--sandboxes", "stop").importSample();
    create(image);
    pool = stage.find("discreet");
    pool.instance(IDENTIFIER);
  }

  /** By the launcher, with the password from a file: what a careful user does. */
  private void create(String image) throws Exception {
    Path password = stage.server().home().resolve("password");
    Files.writeString(password, TestRegistry.PASSWORD);
    String line =
        Stage.create(
            "discreet",
            "--image "
                + image
                + " --target-port 8080 --max-sessions 5 --ready-sessions 2 --registry-server "
                + registry.address()
                + " --registry-username "
                + TestRegistry.USER
                + " --registry-password @"
                + password);
    var launcher =
        new ProcessBuilder(TestCli.words(line))
            .redirectErrorStream(true)
            .redirectOutput(stage.server().home().resolve("create.out").toFile());
    launcher.command().set(0, TestServer.root().resolve("sandpool").toString());
    launcher.environment().putAll(stage.cli().environment());
    var over = new AtomicBoolean();
    Thread watch = Thread.ofPlatform().start(() -> watchArguments(over));
    Process create = launcher.start();
    try {
      assertThat(create.waitFor())
          .as(Files.readString(stage.server().home().resolve("create.out")))
          .isZero();
    } finally {
      over.set(true);
      watch.join();
      create.destroyForcibly();
    }
    // A secret of a variable has no other way than the option, which in this process nobody sees.
    over.set(false);
    Thread second = Thread.ofPlatform().start(() -> watchArguments(over));
    try {
      stage
          .cli()
          .ok(
              Stage.create(
                  "variables",
                  "--image "
                      + Stage.SAMPLE
                      + " --target-port 8080 --max-sessions 3 --ready-sessions 1 --secrets word="
                      + VARIABLE_SECRET
                      + " --env-vars WORD=secretref:word"));
    } finally {
      over.set(true);
      second.join();
    }
    Files.delete(password);
  }

  @AfterAll
  void nothingIsLeft() throws Exception {
    registry.close();
    stage.close();
  }

  /** As they would be found in files: the password alone, and as HTTP has it. */
  private static List<String> secrets() {
    String pair = TestRegistry.USER + ":" + TestRegistry.PASSWORD;
    return List.of(
        TestRegistry.PASSWORD,
        Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8)),
        VARIABLE_SECRET);
  }

  private void watchArguments(AtomicBoolean over) {
    while (!over.get()) {
      try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
        processes
            .filter(process -> process.toString().matches("/proc/\\d+"))
            .forEach(process -> examine(process.resolve("cmdline")));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void examine(Path arguments) {
    try {
      String line = Files.readString(arguments, StandardCharsets.ISO_8859_1).replace('\0', ' ');
      if (secrets().stream().anyMatch(line::contains)) {
        seenInArguments.add(line);
      }
    } catch (IOException e) {
      return; // ended meanwhile
    }
  }

  @Test
  void noProcessHasASecretAmongItsArguments() {
    assertThat(seenInArguments).isEmpty();
  }

  @Test
  void noFileOfTheServerHasASecretInPlain() throws IOException {
    List<String> secrets = new ArrayList<>(secrets());
    secrets.remove(VARIABLE_SECRET);
    secrets.add(stage.client().token(TestClient.SESSIONS));
    secrets.add(stage.client().token(TestClient.MANAGEMENT));
    secrets.add(IDENTIFIER);
    assertThat(filesWith(stage.server().dataDirectory(), secrets)).isEmpty();
    String admin = stage.server().admin().clientSecret();
    assertThat(filesWith(stage.server().dataDirectory(), List.of(admin)))
        .containsExactly(stage.server().adminFile());
  }

  /** The runtime has to be told what the container is told: only within a sandbox's own folder. */
  @Test
  void theSecretOfAVariableIsOnlyInTheFoldersOfItsSandboxes() throws IOException {
    Path sandboxes = stage.server().dataDirectory().resolve("engine/sandboxes");
    assertThat(filesWith(stage.server().dataDirectory(), List.of(VARIABLE_SECRET)))
        .allMatch(file -> file.startsWith(sandboxes));
    stage.delete("variables");
    assertThat(filesWith(stage.server().dataDirectory(), List.of(VARIABLE_SECRET))).isEmpty();
  }

  /** Neither what they were started with nor what they inherited. */
  @Test
  void noProcessOfTheHostHasASecretInItsArgumentsOrEnvironment() throws IOException {
    List<Path> files;
    try (Stream<Path> processes = Files.list(Path.of("/proc"))) {
      files =
          processes
              .filter(it -> it.getFileName().toString().matches("\\d+"))
              .flatMap(it -> Stream.of(it.resolve("cmdline"), it.resolve("environ")))
              .toList();
    }
    assertThat(files).hasSizeGreaterThan(10);
    assertThat(files).noneMatch(SecretsIT::hasSecret);
  }

  private static boolean hasSecret(Path file) {
    try {
      String text = Files.readString(file, StandardCharsets.ISO_8859_1);
      return secrets().stream().anyMatch(text::contains);
    } catch (IOException e) {
      return false; // ended meanwhile
    }
  }

  @Test
  void aBackupHasNoSecretInPlain() throws Exception {
    Path copy = stage.server().home().resolve("copy.db");
    String[] launcher = {TestServer.root().resolve("sandpool").toString(), "backup"};
    String[] rest = {copy.toString(), "--data-dir", stage.server().dataDirectory().toString()};
    Shell.run(stage.server().home(), Shell.join(launcher, rest));
    String text = Files.readString(copy, StandardCharsets.ISO_8859_1);
    assertThat(text).contains("discreet").doesNotContain(secrets()).doesNotContain(IDENTIFIER);
    Files.delete(copy);
  }

  /** What is refused may be repeated to the caller and logged, but for this. */
  @Test
  void whatIsRefusedDoesNotRepeatASecret() throws IOException {
    String path = stage.client().pool("group", "discreet");
    for (String body :
        List.of(
            "{\"properties\":{\"secrets\":[{\"name\":\"No Name\",\"value\":\"%s\"}]}}",
            "{\"properties\":{\"secrets\":\"%s\"}}",
            "{\"properties\":{\"secrets\":[{\"name\":\"a\",\"value\":[\"%s\"]}]}}",
            "{\"properties\":{\"secrets\":[{\"name\":\"a\",\"value\":%s}]}}")) {
      HttpResponse<String> answer =
          stage.client().arm("PATCH", path, body.formatted(VARIABLE_SECRET));
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(400);
      assertThat(answer.body()).doesNotContain(secrets());
    }
    assertThat(stage.server().log()).doesNotContain(secrets());
  }

  private static List<Path> filesWith(Path folder, Collection<String> secrets) throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        if (file.toString().contains("/rootfs/") || Files.size(file) > (32 << 20)) {
          continue;
        }
        String text = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        if (secrets.stream().anyMatch(text::contains)) {
          found.add(file);
        }
      }
    }
    return found;
  }

  @Test
  void theLogHasNeitherSecretsNorTokensNorIdentifiers() throws IOException {
    assertThat(stage.server().log())
        .doesNotContain(secrets())
        .doesNotContain(
            IDENTIFIER,
            stage.client().token(TestClient.SESSIONS),
            stage.client().token(TestClient.MANAGEMENT),
            stage.server().admin().clientSecret());
  }

  @Test
  void theCallersTokenDoesNotReachTheSandboxAndWhatIsMeantForItDoes() {
    HttpResponse<String> answer =
        stage
            .client()
            .send(
                pool.request("/echo", IDENTIFIER)
                    .header("Sandpool-Forward-Authorization", "Basic bWVhbnQ6Zm9yIGl0"));
    assertThat(answer.body())
        .doesNotContain(stage.client().token(TestClient.SESSIONS))
        .doesNotContainIgnoringCase("forward-authorization");
    assertThat(TestClient.json(answer).path("headers").values())
        .extracting(header -> header.get(0).asString() + ": " + header.get(1).asString())
        .filteredOn(header -> header.toLowerCase(java.util.Locale.ROOT).startsWith("authorization"))
        .singleElement()
        .asString()
        .endsWith(": Basic bWVhbnQ6Zm9yIGl0");
  }

  @Test
  void secretsAreNeverReadBack() {
    String shown = stage.cli().ok("sandpool sessionpool show -n discreet -g group");
    assertThat(shown).doesNotContain(secrets());
    assertThat(shown).contains("passwordSecretRef");
  }
}
