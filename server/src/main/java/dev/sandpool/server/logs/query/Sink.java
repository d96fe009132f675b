package dev.sandpool.server.logs.query;

/** Takes rows one after another. */
interface Sink {
  /** Takes a row; false if it wants no more. */
  boolean accept(Row row) throws QueryException;

  /** There are no more. */
  void end() throws QueryException;
}
