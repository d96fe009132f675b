package dev.sandpool.server.doctor;

import dev.sandpool.server.linux.Command;
import dev.sandpool.server.linux.Tool;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The programs that the server runs. */
final class ToolsCheck implements Check.Examination {
  private static final Pattern VERSION = Pattern.compile("\\d+\\.\\d[\\w.+~]*");

  private final boolean versions;

  /**
   * @param versions whether each is started to tell its version
   */
  ToolsCheck(boolean versions) {
    this.versions = versions;
  }

  /**
   * A program as it was found.
   *
   * @param version what it printed; empty where it was not asked
   */
  record Facts(Tool tool, Optional<Path> path, String version) {}

  @Override
  public List<Finding> examine() {
    return Tool.NEEDED.stream().map(tool -> judge(read(tool))).toList();
  }

  static Finding judge(Facts facts) {
    Tool tool = facts.tool();
    if (facts.path().isPresent()) {
      Matcher version = VERSION.matcher(facts.version());
      String found = version.find() ? version.group() + ", " : "";
      return Finding.ok(tool.name(), found + facts.path().get());
    }
    String found = "missing; it " + tool.purpose();
    return Finding.failed(tool.name(), found, "no sandbox starts", tool.remedy());
  }

  private Facts read(Tool tool) {
    Optional<Path> path = tool.find();
    return new Facts(tool, path, versions ? path.map(p -> ask(p, tool)).orElse("") : "");
  }

  private static String ask(Path path, Tool tool) {
    try {
      return Command.run(List.of(path.toString(), tool.versionOption()), "").output();
    } catch (IOException e) {
      return "";
    }
  }
}
