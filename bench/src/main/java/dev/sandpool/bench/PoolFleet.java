package dev.sandpool.bench;

import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/** A server with as many pools as are asked for, none of which keeps a sandbox ready. */
final class PoolFleet {
  private static final String SUBSCRIPTION = "/subscriptions/00000000-0000-0000-0000-000000000001";
  private static final String APP = SUBSCRIPTION + "/resourceGroups/bench/providers/Microsoft.App";
  private static final String VERSION = "?api-version=2025-10-02-preview";

  /** The one that {@code serve --dev} accepts. */
  private static final String AUTHORIZATION = "Authorization: Bearer sandpool-dev-token";

  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final Child process;
  private final URI address;
  private int size;

  private PoolFleet(Child process, URI address) {
    this.process = process;
    this.address = address;
  }

  static PoolFleet start(Bench bench) throws IOException {
    Path folder = bench.folder("fleet");
    Path data = folder.resolve("data");
    Path config = folder.resolve("config.yaml");
    Files.writeString(config, "limits:\n  host:\n    memory: 1Ti\n");
    String sandpool = bench.root().resolve("sandpool").toString();
    Child process =
        bench
            .cleanup()
            .add(
                Child.start(
                    "fleet",
                    folder,
                    List.of(
                        sandpool,
                        "serve",
                        "--dev",
                        "--config",
                        config.toString(),
                        "--data-dir",
                        data.toString(),
                        "--listen",
                        "127.0.0.1:0",
                        "--sandboxes",
                        "stop")));
    String ready = process.await("ready ", PATIENCE);
    var fleet = new PoolFleet(process, URI.create(ready.split(" ", 2)[0]));
    Child.run(
        Map.of("SANDPOOL_CONTEXT", data.resolve("server/admin.json").toString()),
        List.of(sandpool, "image", "import", bench.sample().toString(), "--name", "sample:1"));
    fleet
        .call(
            "PUT",
            "/managedEnvironments/env",
            "{\"location\":\"local\",\"properties\":{\"workloadProfiles\":"
                + "[{\"name\":\"c\",\"workloadProfileType\":\"Consumption\"}]}}")
        .send()
        .ok();
    return fleet;
  }

  /** Adds pools until there are so many, and waits until all have come up. */
  void grow(int pools) throws IOException {
    for (; size < pools; size++) {
      put("pool-%04d".formatted(size), 0);
    }
    await("pool-%04d".formatted(size - 1));
  }

  /** A pool of that name with so many warm sandboxes, and where it answers. */
  URI pool(String name, int ready) throws IOException {
    put(name, ready);
    String body = await(name);
    String key = "\"poolManagementEndpoint\":\"";
    int at = body.indexOf(key) + key.length();
    return URI.create(body.substring(at, body.indexOf('"', at)));
  }

  private void put(String name, int ready) throws IOException {
    String body =
        """
        {"location":"local","tags":{"team":"bench"},"properties":{
          "environmentId":"%s/managedEnvironments/env",
          "scaleConfiguration":{"maxConcurrentSessions":50,"readySessionInstances":%d},
          "secrets":[{"name":"key","value":"value-of-%s"}],
          "customContainerTemplate":{"ingress":{"targetPort":8080},"containers":[
            {"name":"main","image":"sample:1","resources":{"cpu":0.25,"memory":"0.5Gi"},
             "env":[{"name":"KEY","secretRef":"key"},{"name":"MODE","value":"bench"}]}]}}}"""
            .formatted(APP, ready, name);
    call("PUT", "/sessionPools/" + name, body).send().ok();
  }

  private String await(String name) throws IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      String body = call("GET", "/sessionPools/" + name, "").send().ok().body();
      if (body.contains("\"provisioningState\":\"Succeeded\"")) {
        return body;
      }
      if (System.nanoTime() > deadline) {
        throw new IOException("pool " + name + " has not come up: " + body);
      }
      LockSupport.parkNanos(50_000_000);
    }
  }

  /** The first page of all pools of the subscription. */
  HttpCall list() {
    return request("GET", SUBSCRIPTION + "/providers/Microsoft.App/sessionPools" + VERSION, "");
  }

  /** One pool as it stands. */
  HttpCall show(int pool) {
    return call("GET", "/sessionPools/pool-%04d".formatted(pool), "");
  }

  /** Gives a pool that tag. */
  HttpCall tag(int pool, String value) {
    String body = "{\"tags\":{\"team\":\"" + value + "\"}}";
    return call("PATCH", "/sessionPools/pool-%04d".formatted(pool), body);
  }

  /** A request of the application in a pool's session. */
  HttpCall forwarded(URI pool, String path, String identifier) {
    return request("GET", pool.getPath() + path + "&identifier=" + identifier, "");
  }

  private HttpCall call(String method, String path, String body) {
    return request(method, APP + path + VERSION, body);
  }

  private HttpCall request(String method, String target, String body) {
    return HttpCall.sending(
        method, address.getHost(), address.getPort(), target, body, AUTHORIZATION);
  }

  /** All processes of the server but those of sandboxes. */
  long[] pids() {
    return ProcessHandle.of(process.pid()).stream()
        .flatMap(keeper -> Stream.concat(Stream.of(keeper), keeper.children()))
        .mapToLong(ProcessHandle::pid)
        .toArray();
  }

  /** Bytes of living objects in the server's heap, after a collection. */
  long livingBytes() throws IOException {
    String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    String histogram =
        Child.run(Map.of(), List.of(jcmd, Long.toString(serverPid()), "GC.class_histogram"));
    String total = histogram.lines().filter(it -> it.startsWith("Total")).findFirst().orElse("");
    String[] words = total.strip().split("\\s+");
    if (words.length < 3) {
      throw new IOException("no histogram: " + histogram);
    }
    return Long.parseLong(words[2]);
  }

  private long serverPid() throws IOException {
    for (long pid : pids()) {
      String command =
          Files.readString(Path.of("/proc/" + pid + "/cmdline"), StandardCharsets.ISO_8859_1);
      if (command.contains("dev.sandpool.server.Main\0")) {
        return pid;
      }
    }
    throw new IOException("the server's process is not among " + pids().length);
  }
}
