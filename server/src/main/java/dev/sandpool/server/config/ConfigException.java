package dev.sandpool.server.config;

import java.util.List;

/** A configuration that is refused, with everything that is wrong with it. */
public final class ConfigException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<String> problems;

  ConfigException(List<String> problems) {
    super(String.join("\n", problems));
    this.problems = List.copyOf(problems);
  }

  /**
   * One line a problem, in the file's order: {@code FILE:LINE:COLUMN: KEY: what is wrong; accepted:
   * what would do}.
   */
  public List<String> problems() {
    return problems;
  }
}
