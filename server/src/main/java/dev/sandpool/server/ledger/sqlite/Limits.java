package dev.sandpool.server.ledger.sqlite;

import java.time.Duration;

/**
 * How much the ledger takes upon itself.
 *
 * @param waiting operations waiting for the writer, and for the readers; more are refused
 * @param batch operations in one transaction
 * @param readers threads that read
 * @param busy how long another process's lock on the file is waited for
 * @param pages of 4 KiB that the file may grow to
 */
record Limits(int waiting, int batch, int readers, Duration busy, int pages) {
  static final Limits DEFAULT = new Limits(2_048, 256, 2, Duration.ofSeconds(2), 1 << 20);
}
