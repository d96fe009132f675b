package dev.sandpool.server.export;

/** How rows are written for a receiver; the same rows are written the same each time. */
interface LogFormat {
  byte[] write(LogBatch batch);
}
