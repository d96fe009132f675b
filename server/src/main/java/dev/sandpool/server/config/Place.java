package dev.sandpool.server.config;

/**
 * A point in a configuration file.
 *
 * @param source the file as the operator named it
 * @param line from 1; 0 where there are no lines
 * @param column from 1
 */
record Place(String source, int line, int column) {
  /** Not in a file at all. */
  static final Place COMMAND_LINE = new Place("command line", 0, 0);

  @Override
  public String toString() {
    return line == 0 ? source : source + ":" + line + ":" + column;
  }
}
