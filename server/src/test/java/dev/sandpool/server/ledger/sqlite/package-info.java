/** Tests of the ledger in SQLite. */
@NullMarked
package dev.sandpool.server.ledger.sqlite;

import org.jspecify.annotations.NullMarked;
