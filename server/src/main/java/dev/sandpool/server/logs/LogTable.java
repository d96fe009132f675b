package dev.sandpool.server.logs;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** The tables, with the names that Log Analytics gives them. */
public enum LogTable {
  /** What sandboxes printed. */
  CONSOLE("AppEnvSessionConsoleLogs"),
  /** What became of sandboxes. */
  LIFECYCLE("AppEnvSessionLifecycleLogs"),
  /** What became of pools. */
  POOL("AppEnvSessionPoolEventLogs");

  /** Another name of {@link #POOL}, by which Azure's documentation asks for it in places. */
  private static final String ALSO_POOL = "AppEnvSessionPoolEvents";

  /** What follows the name of a table that is filled by customers, in older environments. */
  private static final String CUSTOM = "_CL";

  private final String title;

  LogTable(String title) {
    this.title = title;
  }

  /** As queries name it. */
  public String title() {
    return title;
  }

  /** As its folder, and the command line, name it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The table of that name, with or without {@code _CL}, in any case. */
  public static Optional<LogTable> titled(String name) {
    String plain = isCustom(name) ? name.substring(0, name.length() - CUSTOM.length()) : name;
    return plain.equalsIgnoreCase(ALSO_POOL)
        ? Optional.of(POOL)
        : Arrays.stream(values()).filter(it -> it.title.equalsIgnoreCase(plain)).findFirst();
  }

  /** Whether the name is of the form whose columns end in {@code _s}. */
  public static boolean isCustom(String name) {
    return name.toUpperCase(Locale.ROOT).endsWith(CUSTOM);
  }

  /** The table of that label. */
  public static Optional<LogTable> labelled(String label) {
    return Arrays.stream(values()).filter(it -> it.label().equals(label)).findFirst();
  }
}
