package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Json;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

/** Lines that users of az type, and the requests that they must become. */
class CommandLinesTest extends CliTestBase {
  private static final String ID = "/subscriptions/sub-1/resourceGroups/g/providers/Microsoft.App";
  private static final String PROBES =
      """
      probes:
        - type: Liveness
          httpGet:
            path: /health
            port: 8080
          failureThreshold: 4
        - type: Startup
          tcpSocket:
            port: 8081
      """;

  record Sent(String target, StringBuilder body) {}

  @ParameterizedTest(name = "{0}")
  @MethodSource("blocks")
  void lineSendsWhatAzSends(String line, List<String> expected) throws IOException {
    Path probes = Files.writeString(home.resolve("probes.yaml"), PROBES);
    server.answerElse(POOL.replace("ENDPOINT", server.url()).replace("my-group", "g"));
    List<Sent> requests = new ArrayList<>();
    int code = 0;
    String err = "";
    String out = null;
    for (String part : expected) {
      String[] words = part.split(" ", 2);
      switch (words[0]) {
        case "exit" -> code = Integer.parseInt(words[1]);
        case "err" -> err = words[1];
        case "out" -> out = words[1].replace("SERVER", server.url());
        case "GET", "PUT", "PATCH", "POST", "DELETE" ->
            requests.add(new Sent(part.replace("ID", ID), new StringBuilder()));
        default -> requests.getLast().body().append(part.replace("\"ID", "\"" + ID));
      }
    }
    var done = user.type(line.replace("PROBES", probes.toString()));
    assertThat(done.code()).as(done.err()).isEqualTo(code);
    assertThat(done.err()).contains(err);
    if (out != null) {
      assertThat(done.out()).isEqualTo(out + "\n");
    }
    var seen = server.seen().stream().filter(one -> !one.line().endsWith("/token")).toList();
    assertThat(seen.stream().map(CommandLinesTest::target))
        .containsExactlyElementsOf(requests.stream().map(Sent::target).toList());
    for (int i = 0; i < requests.size(); i++) {
      String body = requests.get(i).body().toString();
      if (!body.isEmpty()) {
        assertThat(seen.get(i).json()).isEqualTo(json(body));
      }
    }
  }

  private static String target(StubServer.Seen seen) {
    return seen.line() + "?" + seen.query();
  }

  private static JsonNode json(String text) {
    return Json.MAPPER.readTree(text);
  }

  static List<Object[]> blocks() throws IOException {
    List<Object[]> blocks = new ArrayList<>();
    for (String block : text().split("\n\n+")) {
      List<String> lines =
          Arrays.stream(block.split("\n")).filter(line -> !line.startsWith("#")).toList();
      if (!lines.isEmpty()) {
        assertThat(lines.getFirst()).startsWith("$ ");
        blocks.add(new Object[] {lines.getFirst().substring(2), lines.subList(1, lines.size())});
      }
    }
    return blocks;
  }

  private static String text() throws IOException {
    try (InputStream in = CommandLinesTest.class.getResourceAsStream("command-lines.txt")) {
      return new String(Objects.requireNonNull(in).readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
