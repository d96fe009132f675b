package dev.sandpool.cli.command;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.cli.output.JsonText;
import dev.sandpool.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The values that {@code sandpool configure --defaults} keeps, in the user's configuration folder.
 */
public final class Defaults {
  static final Set<String> NAMES = Set.of("group", "location");

  private final Path file;

  private Defaults(Path file) {
    this.file = file;
  }

  /** The defaults of that user; the file is read when one is needed. */
  public static Defaults of(Shell shell) {
    return new Defaults(shell.configFolder().resolve("defaults.json"));
  }

  /**
   * The group typed, or else the configured one.
   *
   * @throws Failure if there is neither
   */
  public String group(@Nullable String typed) {
    String group = typed == null ? get("group") : typed;
    if (group.isEmpty()) {
      throw Failure.usage("the following arguments are required: --resource-group/-g");
    }
    return group;
  }

  /** The configured value, or the empty string. */
  public String get(String name) {
    return read().path(name).asString("");
  }

  ObjectNode read() {
    try {
      return Json.MAPPER.readTree(Files.readAllBytes(file)) instanceof ObjectNode object
          ? object
          : JsonNodeFactory.instance.objectNode();
    } catch (NoSuchFileException e) {
      return JsonNodeFactory.instance.objectNode();
    } catch (IOException | JacksonException e) {
      throw Failure.error("InvalidDefaults", "cannot read " + file + ": " + e.getMessage());
    }
  }

  void write(ObjectNode values) throws IOException {
    Files.createDirectories(file.resolveSibling("."));
    Files.writeString(file, JsonText.pretty(values, false) + "\n");
  }
}
