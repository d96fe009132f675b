package dev.sandpool.server.logs;

/**
 * A place between two blocks of a table: everything before it has been read.
 *
 * @param segment number of the file
 * @param offset in it
 */
public record LogCursor(long segment, long offset) {
  /** Before everything, whatever that is. */
  public static final LogCursor START = new LogCursor(0, 0);
}
