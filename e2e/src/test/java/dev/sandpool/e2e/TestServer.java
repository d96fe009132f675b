package dev.sandpool.e2e;

import static org.awaitility.Awaitility.await;

import dev.sandpool.model.InstanceId;
import dev.sandpool.server.identity.AdminContext;
import java.io.File;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/**
 * A real server: a process of its own, started by the launcher as an operator does. Closing it ends
 * it with all its sandboxes and fails if anything of it is left on the host.
 */
public final class TestServer implements AutoCloseable {
  private static final Duration START = Duration.ofMinutes(4);

  private final Path home;
  private final Path dataDirectory;
  private final List<String> options;

  /** For tests that fail before they could close it. */
  private final Thread lastResort = Thread.ofPlatform().unstarted(this::closeQuietly);

  private int port;
  private int starts;
  private Process process;

  /**
   * Starts one and returns when it serves.
   *
   * @param home a directory that it makes; for the data directory, configuration and logs
   * @param config the configuration file's text
   * @param options further words of the command line
   */
  public TestServer(Path home, String config, String... options)
      throws IOException, InterruptedException {
    this.home = Files.createDirectories(home);
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx--x--x"));
    this.dataDirectory = home.resolve("data");
    this.options = List.of(options);
    Files.writeString(home.resolve("config.yml"), config);
    // The same for each start: a part that is killed is started again with the same options.
    this.port = Ports.free();
    this.process = launch(List.of());
    Runtime.getRuntime().addShutdownHook(lastResort);
  }

  /** Where the repository is. */
  public static Path root() {
    String named = System.getProperty("sandpool.root", "..");
    return Path.of(named).toAbsolutePath().normalize();
  }

  /** A new directory for a server, on a disk and not in memory. */
  public static Path newHome(String name) throws IOException {
    Path home = Files.createTempDirectory(Path.of("/var/tmp"), "sandpool-" + name);
    // The server's own user has to get there.
    Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwx--x--x"));
    return home;
  }

  /** A second server on the same data directory, at another port. */
  public Process another() throws IOException {
    return command("127.0.0.1:0", List.of()).start();
  }

  /** {@code sandpool reclaim} on its data directory: what it prints, its exit code last. */
  public String reclaim() throws IOException, InterruptedException {
    List<String> words = List.of(root().resolve("sandpool").toString(), "reclaim");
    Process reclaim = onData(words).redirectErrorStream(true).start();
    String said = new String(reclaim.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    return said + reclaim.waitFor();
  }

  private ProcessBuilder onData(List<String> command) {
    List<String> words = new ArrayList<>(command);
    Collections.addAll(words, "--data-dir", dataDirectory.toString());
    Collections.addAll(words, "--config", home.resolve("config.yml").toString());
    return new ProcessBuilder(words);
  }

  private ProcessBuilder command(String listen, List<String> more) {
    // As from a shell of an operator whose files nobody else may read.
    String closed = "umask 077; exec \"$0\" \"$@\"";
    List<String> words =
        new ArrayList<>(
            List.of("sh", "-c", closed, root().resolve("sandpool").toString(), "serve"));
    Collections.addAll(words, "--data-dir", dataDirectory.toString());
    Collections.addAll(words, "--config", home.resolve("config.yml").toString());
    Collections.addAll(words, "--listen", listen);
    words.addAll(options);
    words.addAll(more);
    return new ProcessBuilder(words);
  }

  private Process launch(List<String> more) throws IOException, InterruptedException {
    Process started = begin(more);
    awaitReady(started);
    return started;
  }

  private Process begin(List<String> more) throws IOException {
    starts++;
    return command("127.0.0.1:" + port, more)
        .redirectOutput(out().toFile())
        .redirectError(logFile().toFile())
        .start();
  }

  private void awaitReady(Process started) throws IOException, InterruptedException {
    try {
      await("the server is ready")
          .atMost(START)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> !started.isAlive() || readyLine().isPresent());
    } catch (RuntimeException e) {
      started.destroyForcibly().waitFor();
      throw e;
    }
    if (!started.isAlive()) {
      throw new IOException("the server ended at once: " + log());
    }
  }

  private Optional<String> readyLine() throws IOException {
    // The line counts once it has its end: half of a port is another port.
    return Files.exists(out())
        ? Optional.of(Files.readString(out()))
            .filter(text -> text.startsWith("ready ") && text.endsWith("\n"))
            // A server that was killed alone is started again and says so again.
            .map(text -> text.lines().toList().getLast())
        : Optional.empty();
  }

  private Path out() {
    return home.resolve("out-" + starts);
  }

  private Path logFile() {
    return home.resolve("log-" + starts);
  }

  /** All that it said of itself since its last start. */
  public String log() throws IOException {
    return Files.readString(logFile());
  }

  /** Everything on its standard output: the ready line. */
  public String output() throws IOException {
    return Files.readString(out());
  }

  /** Where it serves. */
  public URI url() throws IOException {
    return URI.create(readyLine().orElseThrow().substring("ready ".length()).strip());
  }

  /** Where everything durable is. */
  public Path dataDirectory() {
    return dataDirectory;
  }

  /** Everything of this server: data, configuration, logs. */
  public Path home() {
    return home;
  }

  /** The file with which the command line logs in. */
  public Path adminFile() {
    return dataDirectory.resolve("server/admin.json");
  }

  /** What is in that file. */
  public AdminContext admin() throws IOException {
    return AdminContext.read(adminFile()).orElseThrow();
  }

  /** Its id on the host. */
  public InstanceId instance() throws IOException {
    return new InstanceId(Files.readString(dataDirectory.resolve("instance")).strip());
  }

  /** The process. */
  public long pid() {
    return process.pid();
  }

  /**
   * Ends one of its {@link #processes} as a crash would, there or not. The supervisor takes the
   * others with it; the others are started again by the supervisor.
   */
  public void kill(String name) throws IOException, InterruptedException {
    if (name.equals("supervisor")) {
      kill();
      return;
    }
    Long victim = processes().get(name);
    if (victim != null) {
      ProcessHandle.of(victim).ifPresent(ProcessHandle::destroyForcibly);
    }
  }

  /** Starts it again and returns at once, so that it can be killed while it starts. */
  public void restartWithoutWaiting() throws IOException {
    if (!process.isAlive()) {
      process = begin(List.of());
    }
  }

  /** Returns when it serves again after a kill, started anew where its supervisor does not live. */
  public void recover() throws IOException, InterruptedException {
    restartWithoutWaiting();
    awaitReady(process);
    try (HttpClient client = HttpClient.newHttpClient()) {
      await("the server answers again")
          .atMost(START)
          .pollInterval(Duration.ofMillis(20))
          .until(() -> !process.isAlive() || answers(client));
    }
  }

  private boolean answers(HttpClient client) throws InterruptedException, IOException {
    try {
      client.send(
          HttpRequest.newBuilder(url()).timeout(Duration.ofSeconds(5)).build(),
          HttpResponse.BodyHandlers.discarding());
      return true;
    } catch (ConnectException | HttpTimeoutException e) {
      return false;
    }
  }

  private void refuseRunning() {
    if (process.isAlive()) {
      throw new IllegalStateException("it still runs");
    }
  }

  /** Names of all network namespaces that carry its name: one a sandbox. */
  public List<String> namespaces() throws IOException {
    String prefix = instance().prefix();
    String[] names = new File("/run/netns").list((folder, name) -> name.startsWith(prefix));
    return names == null ? List.of() : List.of(names);
  }

  /**
   * Its processes by name: {@code supervisor}, {@code engine}, {@code server}. Each may be killed
   * alone; the first takes the others with it.
   */
  public Map<String, Long> processes() {
    Map<String, Long> processes = new TreeMap<>(Map.of("supervisor", process.pid()));
    process
        .children()
        .forEach(
            child -> {
              String line = child.info().commandLine().orElse("");
              if (line.contains("dev.sandpool.server.EngineMain")) {
                processes.put("engine", child.pid());
              } else if (line.contains("dev.sandpool.server.Main")) {
                processes.put("server", child.pid());
              }
            });
    return processes;
  }

  /** Ends all of it as a crash would: SIGKILL. */
  public void kill() throws InterruptedException {
    List<ProcessHandle> parts = process.children().toList();
    process.destroyForcibly().waitFor();
    // They are killed by its death, but later than it is seen here.
    for (ProcessHandle part : parts) {
      await("process " + part.pid() + " ends with its supervisor")
          .atMost(Duration.ofSeconds(30))
          .pollInterval(Duration.ofMillis(5))
          .until(() -> !part.isAlive());
    }
  }

  /** Asks it to end, SIGTERM, and returns at once. */
  public void terminate() {
    process.destroy();
  }

  /**
   * Waits for its end.
   *
   * @return the exit code
   */
  public int awaitEnd() throws InterruptedException, IOException {
    if (!process.waitFor(2, TimeUnit.MINUTES)) {
      process.destroyForcibly().waitFor();
      throw new IOException("the server did not end within 2 min: " + log());
    }
    return process.exitValue();
  }

  /** Starts it again, at the same port, on the same data. */
  public void restart() throws IOException, InterruptedException {
    refuseRunning();
    process = launch(List.of());
  }

  /** Ends it together with its sandboxes; fails if anything is left. */
  @Override
  public void close() throws IOException, InterruptedException {
    Runtime.getRuntime().removeShutdownHook(lastResort);
    end();
  }

  private void closeQuietly() {
    try {
      end();
    } catch (IOException | AssertionError e) {
      System.err.println(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void end() throws IOException, InterruptedException {
    boolean stops = options.contains("stop");
    if (process.isAlive() && !stops) {
      terminate();
      awaitEnd();
    }
    if (!process.isAlive()) {
      process = launch(stops ? List.of() : List.of("--sandboxes", "stop"));
    }
    terminate();
    int code = awaitEnd();
    List<String> left = Leftovers.of(instance(), dataDirectory);
    if (!left.isEmpty()) {
      throw new AssertionError(
          "left by the server in %s, which ended with code %d:%n%s%n%s"
              .formatted(home, code, String.join("\n", left), log()));
    }
    Leftovers.delete(home);
  }
}
