package dev.sandpool.bench;

import dev.sandpool.model.Json;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.oci.OciEngine;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import dev.sandpool.server.linux.Command;
import dev.sandpool.server.linux.Syscalls;
import dev.sandpool.server.network.SandboxNetwork;
import dev.sandpool.server.network.Slot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code runsc run} or {@code runc run}, with no one around it. */
final class BareRuntime implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(30);

  private final OciEngineConfig config;
  private final Path rootfs;
  private final List<String> command;
  private final SandboxNetwork network;
  private final AtomicInteger taken = new AtomicInteger();
  private ObjectNode bundle = Json.MAPPER.createObjectNode();

  /** All that is there before the clock runs: a network, a bundle. */
  record Prepared(String name, Slot slot, Path folder) {}

  private BareRuntime(
      OciEngineConfig config, Path rootfs, List<String> command, SandboxNetwork network) {
    this.config = config;
    this.rootfs = rootfs;
    this.command = command;
    this.network = network;
  }

  /** The runtime that the engine found, with the options that it uses. */
  static BareRuntime of(OciEngineConfig config, OciEngine engine, Path rootfs) throws IOException {
    // What the probe found is kept here; the engine's answer has it only in words for a person.
    JsonNode found =
        Json.MAPPER
            .readTree(Files.readString(config.dataDir().resolve("engine-probe.json")))
            .path("found");
    List<String> command = new ArrayList<>();
    command.add(found.path("binary").asString().replaceFirst("^file://", ""));
    command.addAll(List.of("--root", config.dataDir().resolve("bare-state").toString()));
    if (!found.path("platform").asString().isEmpty()) {
      boolean own = engine.info().isolation() == dev.sandpool.model.Isolation.GVISOR;
      command.add("--platform=" + found.path("platform").asString());
      command.add("--network=" + (own ? "sandbox" : "host"));
      command.add("--overlay2=none");
    }
    SandboxNetwork network =
        SandboxNetwork.open(config.dataDir(), config.instance(), config.network());
    return new BareRuntime(config, rootfs, List.copyOf(command), network);
  }

  /** Takes the specification that the engine wrote. */
  void take(String json) throws IOException {
    bundle = (ObjectNode) Json.MAPPER.readTree(json);
  }

  /** Makes networks and bundles for so many lives. */
  List<Prepared> prepare(int count, int firstSlot) throws IOException {
    List<Prepared> prepared = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      // Named as the engine names things, so that it also finds what a failure leaves.
      String name = config.instance().nameOf(SandboxId.random(new SecureRandom()));
      int number = firstSlot + taken.getAndIncrement() % (network.slots() - 1 - firstSlot);
      Slot slot = network.slot(name, number, false, false);
      network.create(slot);
      Path folder = Files.createDirectories(config.dataDir().resolve("bare").resolve(name));
      Files.writeString(folder.resolve("config.json"), specification(name, slot));
      prepared.add(new Prepared(name, slot, folder));
    }
    return prepared;
  }

  private String specification(String name, Slot slot) {
    ObjectNode spec = bundle.deepCopy();
    spec.putObject("root").put("path", rootfs.toString()).put("readonly", true);
    var linux = (ObjectNode) spec.path("linux");
    linux.put("cgroupsPath", "/" + config.instance().prefix() + "/" + name + "/box");
    for (JsonNode namespace : linux.path("namespaces")) {
      if (namespace.path("type").asString().equals("network")) {
        ((ObjectNode) namespace).put("path", slot.namespace().toString());
      }
    }
    return spec.toString();
  }

  /** One life; the milliseconds to its first answer. */
  double life(Prepared prepared) throws IOException {
    Path pidFile = prepared.folder().resolve("pid");
    Path log = prepared.folder().resolve("log");
    List<String> run = new ArrayList<>(command);
    run.addAll(List.of("run", "--bundle", prepared.folder().toString()));
    run.addAll(List.of("--pid-file", pidFile.toString(), prepared.name()));
    long begin = System.nanoTime();
    Process process =
        Command.prepare(run)
            .redirectInput(Path.of("/dev/null").toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try {
      FirstAnswer.await(prepared.slot().guestAddress(), StartBed.PORT);
      double millis = (System.nanoTime() - begin) / 1e6;
      Syscalls.kill(pid(pidFile), Syscalls.SIGKILL);
      Command.await(process, DEADLINE, run);
      return millis;
    } catch (IOException e) {
      throw new IOException(e.getMessage() + "\n" + Files.readString(log), e);
    } finally {
      process.destroyForcibly();
    }
  }

  /** The sandbox's process; it may answer before the runtime has written down which it is. */
  private static long pid(Path file) throws IOException {
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    while (System.nanoTime() - deadline < 0) {
      String text = Files.exists(file) ? Files.readString(file).strip() : "";
      if (!text.isEmpty()) {
        return Long.parseLong(text);
      }
      LockSupport.parkNanos(500_000);
    }
    throw new IOException("the runtime has not written " + file + " within " + DEADLINE);
  }

  /** Removes what {@link #prepare} made. */
  void remove(List<Prepared> all) throws IOException {
    for (Prepared prepared : all) {
      network.delete(prepared.name());
      Directories.delete(prepared.folder());
    }
    for (Prepared prepared : all) {
      network.awaitGone(prepared.name());
    }
    LockSupport.parkNanos(100_000_000);
  }

  /** Ends its guard of the packet rules, which would put back what the engine takes away. */
  @Override
  public void close() {
    network.close();
  }
}
