package dev.sandpool.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * Runs typical commands against a server of its own, so that the JVM loads the classes which then
 * go into the archive that makes later starts fast. The launcher's {@code --make-cache} calls it.
 */
public final class Rehearsal {
  private static final String POOL =
      """
      {"id":"/subscriptions/s/resourceGroups/g/providers/Microsoft.App/sessionPools/p","name":"p",
      "properties":{"poolManagementEndpoint":"http://127.0.0.1/p","nodeCount":1}}""";

  private Rehearsal() {}

  /** Writes nothing and leaves nothing behind. */
  public static void main(String[] args) throws IOException {
    Path folder = Files.createTempDirectory("sandpool-rehearsal");
    var server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    try {
      server.createContext("/", Rehearsal::answer);
      server.start();
      play(folder, "http://127.0.0.1:" + server.getAddress().getPort());
    } finally {
      server.stop(0);
      delete(folder);
    }
  }

  private static void play(Path folder, String endpoint) throws IOException {
    Path context = folder.resolve("context.json");
    Files.writeString(
        context,
        """
        {"endpoint":"%s","tenant":"t","clientId":"c","clientSecret":"s","subscription":"s"}"""
            .formatted(endpoint));
    var silent = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    var streams =
        new Shell.Streams(InputStream.nullInputStream(), silent, silent, false, false, false);
    var shell =
        new Shell(
            Map.of("SANDPOOL_CONTEXT", context.toString()),
            folder,
            streams,
            InstantSource.system(),
            millis -> {});
    String query = "properties.poolManagementEndpoint";
    List<String> show = List.of("sessionpool", "show", "-n", "p", "-g", "g");
    for (List<String> more :
        List.of(
            List.<String>of(),
            List.of("--query", query, "-o", "tsv"),
            List.of("-o", "table"),
            List.of("--unknown"))) {
      List<String> words = new java.util.ArrayList<>(show);
      words.addAll(more);
      new Cli(shell).run(words.toArray(String[]::new));
    }
    new Cli(shell).run("token");
    new Cli(shell).run("sessionpool", "list", "-o", "table");
    new Cli(shell).run("sessionpool", "create", "--help");
    new Cli(shell).run("--help");
  }

  private static void answer(HttpExchange exchange) throws IOException {
    boolean token = exchange.getRequestURI().getPath().endsWith("/token");
    byte[] body =
        (token ? "{\"access_token\":\"t\",\"expires_in\":3600}" : POOL)
            .getBytes(StandardCharsets.UTF_8);
    exchange.getRequestBody().readAllBytes();
    exchange.sendResponseHeaders(200, body.length);
    exchange.getResponseBody().write(body);
    exchange.close();
  }

  private static void delete(Path folder) throws IOException {
    try (var paths = Files.walk(folder)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
