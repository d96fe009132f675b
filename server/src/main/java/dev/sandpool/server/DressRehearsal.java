package dev.sandpool.server;

import dev.sandpool.model.InstanceId;
import dev.sandpool.model.Json;
import dev.sandpool.server.config.CommandLineOptions;
import dev.sandpool.server.config.ConfigException;
import dev.sandpool.server.config.ConfigLoader;
import dev.sandpool.server.config.ListenAddress;
import dev.sandpool.server.config.Machine;
import dev.sandpool.server.config.ServerConfig;
import dev.sandpool.server.engine.remote.EngineHost;
import dev.sandpool.server.identity.AdminContext;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The whole server, played to callers of its own over sandboxes that are none: the JVM notes which
 * classes are loaded and which code is hot, and the launcher's {@code --make-cache} keeps that for
 * the servers that follow. They then start in a fraction of the time, and their first callers do
 * not wait for code to be compiled.
 */
final class DressRehearsal {
  private static final String IMAGE = "rehearsal:1";
  private static final String DIGEST = "sha256:" + "0".repeat(64);

  /** A value of each kind. */
  private static final String CONFIG =
      """
      # as a file has it
      engine:
        isolation: container
        diskRate: 32Mi
      limits:
        memory:
          minimum: 16Mi
        host:
          memory: "64Gi"
      network:
        resolvers: [192.0.2.1, 192.0.2.2]
      """;

  private DressRehearsal() {}

  /** Needs no rights; leaves nothing behind. */
  public static void main(String[] args) throws Exception {
    Path folder = Files.createTempDirectory("sandpool-rehearsal");
    try {
      loadEngine();
      ServerConfig config = config(folder);
      EngineRehearsal.play(config, Files.createDirectory(folder.resolve("engine")));
      play(folder, config);
    } finally {
      delete(folder);
    }
  }

  /** The engine itself needs root; its classes are kept all the same. */
  private static void loadEngine() throws IOException, URISyntaxException, ClassNotFoundException {
    Path code =
        Path.of(DressRehearsal.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    if (Files.isDirectory(code)) {
      loadAll(code);
      return;
    }
    try (FileSystem jar = FileSystems.newFileSystem(code)) {
      loadAll(jar.getPath("/"));
    }
  }

  private static void loadAll(Path root) throws IOException, ClassNotFoundException {
    try (Stream<Path> files = Files.walk(root.resolve("dev/sandpool/server"))) {
      for (Path file : files.filter(name -> name.toString().endsWith(".class")).toList()) {
        String path = root.relativize(file).toString();
        String name = path.substring(0, path.length() - ".class".length()).replace('/', '.');
        if (!name.endsWith("-info")) {
          Class.forName(name, false, DressRehearsal.class.getClassLoader());
        }
      }
    }
  }

  private static void play(Path folder, ServerConfig config) throws Exception {
    Path data = data(config.run().dataDirectory());
    var socket = new EngineSocket(folder.resolve("run/engine"));
    Files.createDirectories(socket.serversOwn());
    var engine = new StageEngine(DIGEST);
    int anybody = (int) Files.getAttribute(folder, "unix:uid");
    try (var application = new StageApplication();
        var host = EngineHost.open(socket.path(), anybody, engine, engine);
        Server server = Server.start(config, socket)) {
      AdminContext admin = AdminContext.read(data.resolve("server/admin.json")).orElseThrow();
      new StageCallers(server.endpoint(), admin).play(IMAGE, application.port());
    }
  }

  /** Read from a file, as most operators have one. */
  private static ServerConfig config(Path folder) throws IOException, ConfigException {
    Path file = Files.writeString(folder.resolve("config.yml"), CONFIG);
    var options =
        new CommandLineOptions(
            Optional.of(file),
            Optional.of(folder.resolve("data")),
            Optional.of(new ListenAddress(StageApplication.ADDRESS, 0)),
            Optional.empty(),
            true,
            false,
            ServerConfig.AtExit.STOP);
    return new ConfigLoader(Machine.current()).load(options.config(), options);
  }

  /** Makes a data directory with an image that was imported. */
  private static Path data(Path data) throws IOException {
    Files.createDirectories(data.resolve("server"));
    InstanceId instance = InstanceId.random(new SecureRandom());
    Files.writeString(data.resolve("instance"), instance.value() + "\n");
    String hex = DIGEST.substring(DIGEST.indexOf(':') + 1);
    Path image = Files.createDirectories(data.resolve("images/images/sha256/" + hex));
    write(
        data.resolve("images/names.json"),
        Map.of("names", List.of(Map.of("name", IMAGE, "digest", DIGEST, "imported", true))));
    write(
        image.resolve("image.json"),
        Map.of(
            "digest",
            DIGEST,
            "config",
            Map.of(
                "entrypoint",
                List.of("/app"),
                "cmd",
                List.of(),
                "env",
                List.of(),
                "workingDir",
                "/",
                "architecture",
                "amd64"),
            "sizeBytes",
            1,
            "blobs",
            List.of()));
    return data;
  }

  private static void write(Path file, Map<String, ?> content) throws IOException {
    Files.write(file, Json.MAPPER.writeValueAsBytes(content));
  }

  private static void delete(Path folder) throws IOException {
    try (Stream<Path> paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
