package dev.sandpool.cli.command;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.cli.output.JsonText;
import dev.sandpool.cli.rest.Context;
import dev.sandpool.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * What stands in for options that were not typed: {@code SANDPOOL_DEFAULTS_NAME}, else {@code
 * AZURE_DEFAULTS_NAME}, else what {@code sandpool configure --defaults} and {@code account set}
 * keep in the user's configuration folder.
 */
public final class Defaults {
  static final Set<String> NAMES = Set.of("group", "location");

  private static final String SUBSCRIPTION = "subscription";

  private final Shell shell;
  private final Path file;

  private Defaults(Shell shell) {
    this.shell = shell;
    this.file = shell.configFolder().resolve("defaults.json");
  }

  /** The defaults of that user; the file is read when one is needed. */
  public static Defaults of(Shell shell) {
    return new Defaults(shell);
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
    for (String prefix : new String[] {"SANDPOOL_DEFAULTS_", "AZURE_DEFAULTS_"}) {
      String set = shell.environment().getOrDefault(prefix + name.toUpperCase(Locale.ROOT), "");
      if (!set.isEmpty()) {
        return set;
      }
    }
    return read().path(name).asString("");
  }

  /** The subscription typed, else the one chosen before, else the login's. */
  String subscription(@Nullable String typed, Context context) {
    if (typed != null && !typed.isEmpty()) {
      return typed;
    }
    String chosen = read().path(SUBSCRIPTION).asString("");
    return chosen.isEmpty() ? context.subscription() : chosen;
  }

  /** Keeps the subscription that commands work in; the empty string takes it back. */
  public void chooseSubscription(String id) throws IOException {
    ObjectNode values = read();
    if (id.isEmpty()) {
      values.remove(SUBSCRIPTION);
    } else {
      values.put(SUBSCRIPTION, id);
    }
    write(values);
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
