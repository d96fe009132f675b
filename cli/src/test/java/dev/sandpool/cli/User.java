package dev.sandpool.cli;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Somebody at a keyboard, with a home folder and a login for a stub server. */
final class User {
  static final Instant NOW = Instant.parse("2026-11-22T12:00:00Z");

  final Map<String, String> environment = new HashMap<>();
  final List<Long> pauses = new ArrayList<>();
  Instant now = NOW;
  String input = "";
  boolean terminal;
  private final Path home;

  User(Path home, String endpoint) throws IOException {
    this.home = home;
    Path context = home.resolve("admin.json");
    Files.writeString(
        context,
        """
        {"endpoint":"%s","tenant":"tenant-1","clientId":"client-1","clientSecret":"hidden-1",
         "subscription":"sub-1"}"""
            .formatted(endpoint));
    environment.put("SANDPOOL_CONTEXT", context.toString());
  }

  /** What came of a command. */
  record Outcome(int code, String out, String err) {}

  Outcome run(String... args) {
    var out = new ByteArrayOutputStream();
    var err = new ByteArrayOutputStream();
    var streams =
        new Shell.Streams(
            new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)),
            new PrintStream(out, true, StandardCharsets.UTF_8),
            new PrintStream(err, true, StandardCharsets.UTF_8),
            terminal,
            terminal,
            terminal);
    var shell = new Shell(environment, home, streams, () -> now, pauses::add);
    int code = new Cli(shell).run(args);
    return new Outcome(
        code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  /** The words of a line as a shell parts them: double quotes and backslashes at line ends. */
  static String[] words(String line) {
    List<String> words = new ArrayList<>();
    var matcher =
        java.util.regex.Pattern.compile("\"([^\"]*)\"|(\\S+)")
            .matcher(line.replace("\\\n", " ").strip());
    while (matcher.find()) {
      words.add(matcher.group(1) == null ? matcher.group(2) : matcher.group(1));
    }
    return words.toArray(String[]::new);
  }

  /** Runs a line as it is in a document, {@code sandpool} first. */
  Outcome type(String line) {
    String[] words = words(line);
    return run(java.util.Arrays.copyOfRange(words, 1, words.length));
  }
}
