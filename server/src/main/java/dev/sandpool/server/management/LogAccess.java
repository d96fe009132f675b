package dev.sandpool.server.management;

import dev.sandpool.server.logs.LogStore;
import dev.sandpool.server.logs.SessionHash;
import dev.sandpool.server.logs.query.LogQueries;
import java.util.Map;
import java.util.function.Supplier;

/**
 * The logs, as far as management answers them.
 *
 * @param counts what was stored, and what was not
 */
public record LogAccess(
    LogStore store, LogQueries queries, SessionHash hash, Supplier<Map<String, Long>> counts) {}
