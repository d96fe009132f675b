/** The ledger in one SQLite file: one writing thread that commits in groups, a few that read. */
@NullMarked
package dev.sandpool.server.ledger.sqlite;

import org.jspecify.annotations.NullMarked;
