package dev.sandpool.server.logs.query;

import java.util.Locale;

/** The types of columns and values. */
public enum Type {
  STRING,
  DATETIME,
  LONG,
  REAL,
  BOOL,
  TIMESPAN;

  /** As answers name it. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  boolean numeric() {
    return this == LONG || this == REAL;
  }
}
