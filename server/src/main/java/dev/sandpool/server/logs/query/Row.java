package dev.sandpool.server.logs.query;

import org.jspecify.annotations.Nullable;

/**
 * The values of one row by the place of their columns: {@code String}, {@code Instant}, {@code
 * Long}, {@code Double}, {@code Boolean}, {@code Duration} or nothing.
 */
interface Row {
  @Nullable Object get(int column);

  /** About how much memory it holds. */
  int bytes();
}
