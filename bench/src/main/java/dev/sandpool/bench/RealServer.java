package dev.sandpool.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** The server as an operator starts it, with one pool of the sample image in gVisor sandboxes. */
final class RealServer {
  /** As many as the idle target names. */
  static final int WARM = 20;

  /**
   * With more live sessions it is time to stop them: an idle gVisor sandbox takes about 3 % of a
   * core, so that forty of them would be what is measured.
   */
  static final int CROWD = 5;

  private static final String GROUP = "bench";
  private static final String NAMED = " --name bench-pool -g " + GROUP;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Bench bench;
  private final Path data;
  private final Child process;
  private final LedgerView ledger;
  private URI endpoint = URI.create("http://127.0.0.1");
  private String token = "";
  private int identifiers;
  private final List<String> sessions = new ArrayList<>();

  private RealServer(Bench bench, Path data, Child process) {
    this.bench = bench;
    this.data = data;
    this.process = process;
    this.ledger = new LedgerView(data.resolve("server/ledger.db"));
  }

  static RealServer start(Bench bench) throws IOException {
    Path folder = bench.folder("server");
    Path data = folder.resolve("data");
    Path config = folder.resolve("config.yaml");
    // What sandboxes could take at most is not what is measured here.
    Files.writeString(config, "limits:\n  host:\n    memory: 1Ti\n");
    List<String> command =
        List.of(
            bench.root().resolve("sandpool").toString(),
            "serve",
            "--config",
            config.toString(),
            "--data-dir",
            data.toString(),
            "--listen",
            "127.0.0.1:0",
            "--sandboxes",
            "stop");
    Child process = bench.cleanup().add(Child.start("server", folder, command));
    process.await("ready ", PATIENCE);
    var server = new RealServer(bench, data, process);
    server.makePool();
    return server;
  }

  private void makePool() throws IOException {
    cli("image", "import", bench.sample().toString(), "--name", "sample:1");
    cli(
        words(
            "env create -n bench-env -g "
                + GROUP
                + " --location local --enable-workload-profiles"));
    cli(
        words(
            "sessionpool create --environment bench-env --image sample:1"
                + " --container-type CustomContainer --cpu 0.25 --memory 0.5Gi --target-port 8080"
                + " --cooldown-period 3600 --network-status EgressDisabled --location local"
                + " --max-sessions 600 --ready-sessions "
                + WARM
                + NAMED));
    endpoint = URI.create(cli(showCommand()));
    token = cli("token");
    awaitQuiet();
  }

  /** The command line's words that print the pool's endpoint. */
  static String[] showCommand() {
    return words("sessionpool show --query properties.poolManagementEndpoint -o tsv" + NAMED);
  }

  private static String[] words(String command) {
    return command.split(" ", -1);
  }

  /** Runs the command line against this server; what it printed. */
  String cli(String... words) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(bench.root().resolve("sandpool").toString());
    command.addAll(List.of(words));
    return Child.run(
        Map.of("SANDPOOL_CONTEXT", data.resolve("server/admin.json").toString()), command);
  }

  LedgerView ledger() {
    return ledger;
  }

  /** An identifier that no session has had. */
  String newIdentifier() {
    String identifier = "bench-%06d".formatted(++identifiers);
    sessions.add(identifier);
    return identifier;
  }

  /** A request for the application, with a token that the server has seen before. */
  HttpCall request(String method, String path, String identifier) {
    return HttpCall.of(
        method, endpoint.getHost(), endpoint.getPort(), target(path, identifier), authorization());
  }

  /** The same with a body of JSON. */
  HttpCall post(String path, String identifier, String body) {
    return HttpCall.post(
        endpoint.getHost(), endpoint.getPort(), target(path, identifier), body, authorization());
  }

  private String target(String path, String identifier) {
    String separator = path.contains("?") ? "&" : "?";
    return endpoint.getPath() + path + separator + "identifier=" + identifier;
  }

  private String authorization() {
    return "Authorization: Bearer " + token;
  }

  /** The same request on the way past the server. */
  static HttpCall direct(LedgerView.Sandbox sandbox, String path, String identifier) {
    return HttpCall.of(
        "GET", sandbox.address(), sandbox.port(), path + "?identifier=" + identifier);
  }

  /**
   * Returns when the pool has all its warm sandboxes and nothing starts or stops. Too many sessions
   * are stopped before.
   */
  void awaitQuiet() throws IOException {
    if (sessions.size() >= CROWD) {
      stopSessions();
    }
    awaitWarm();
  }

  /** The same where all sessions go on. */
  void awaitWarm() throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (!ledger.quiet(WARM)) {
      if (System.nanoTime() > deadline) {
        throw new IOException("the pool is not warm after " + PATIENCE + ": " + ledger);
      }
      LockSupport.parkNanos(20_000_000);
    }
    // What has just become ready still settles.
    LockSupport.parkNanos(50_000_000);
  }

  /** Stops all sessions. */
  void stopSessions() throws IOException {
    try (var threads = Executors.newFixedThreadPool(4)) {
      List<Callable<Integer>> stops = new ArrayList<>();
      for (String identifier : sessions) {
        stops.add(() -> request("POST", "/.management/stopSession", identifier).send().status());
      }
      for (Future<Integer> stop : threads.invokeAll(stops)) {
        stop.get();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } catch (ExecutionException e) {
      throw new IOException("a session could not be stopped", e.getCause());
    }
    sessions.clear();
  }

  /** Its own processes: the one that keeps the others, the engine and the server. */
  long[] pids() {
    return ProcessHandle.of(process.pid()).stream()
        .flatMap(keeper -> Stream.concat(Stream.of(keeper), keeper.children()))
        .mapToLong(ProcessHandle::pid)
        .toArray();
  }

  /** The processes that supervise the sandboxes, one each. */
  long[] monitors() throws IOException {
    List<Long> pids = new ArrayList<>();
    try (var folders = Files.newDirectoryStream(data.resolve("engine/sandboxes"))) {
      for (Path folder : folders) {
        pids.add(Long.parseLong(Files.readString(folder.resolve("monitor.pid")).strip()));
      }
    }
    return pids.stream().mapToLong(Long::longValue).toArray();
  }
}
