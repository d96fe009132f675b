package dev.sandpool.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;

/** The parts of docs/operations.md on usage and quotas that somebody copies and pastes. */
final class DocumentedUsage {
  private DocumentedUsage() {}

  /** The prices. */
  static String settings() throws IOException {
    return block("\nusage:\n");
  }

  /** The limits. */
  static String quotas() throws IOException {
    return block("\nlimits:\n");
  }

  /** The commands that show either, for a pool of that name; what they would write is shown. */
  static List<String> commands(String pool, String group) throws IOException {
    List<String> commands =
        page()
            .lines()
            .filter(line -> line.matches("sandpool (usage|list-usages|sessionpool list-usages) .*"))
            .map(line -> line.replaceAll(" >.*", ""))
            .map(line -> line.replace("my-session-pool", pool).replace("my-group", group))
            .toList();
    if (commands.size() < 5) {
      throw new IllegalStateException("docs/operations.md shows only " + commands);
    }
    return commands;
  }

  /** What the page appends to the configuration, from that line on. */
  private static String block(String first) throws IOException {
    String page = page();
    int begin = page.indexOf("<<'END'" + first);
    int end = page.indexOf("\nEND\n", begin);
    if (begin < 0 || end < 0) {
      throw new IllegalStateException("docs/operations.md has no block" + first);
    }
    return page.substring(begin + "<<'END'\n".length(), end + 1);
  }

  private static String page() throws IOException {
    return Files.readString(TestServer.root().resolve("docs/operations.md"));
  }
}
