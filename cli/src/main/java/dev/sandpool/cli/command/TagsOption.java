package dev.sandpool.cli.command;

import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** {@code --tags}: what is written on a resource. */
public final class TagsOption {
  @Option(
      names = "--tags",
      arity = "0..*",
      paramLabel = "KEY=VALUE",
      description = "Tags; without a value: none.",
      order = 90)
  private @Nullable List<String> tags;

  /** Adds what was typed. */
  public void addTo(ObjectNode body) {
    if (tags != null) {
      ObjectNode all = body.putObject("tags");
      tags.stream()
          .filter(tag -> !tag.isBlank())
          .map(tag -> tag.split("=", 2))
          .forEach(pair -> all.put(pair[0], pair.length == 2 ? pair[1] : ""));
    }
  }
}
