package dev.sandpool.server.gateway;

import dev.sandpool.model.PoolId;

/**
 * A pool as the gateway knows it.
 *
 * @param pool whose sessions are meant
 * @param name as its creator wrote it
 * @param endpoint the URL under which callers reach it, without a slash at the end; made from
 *     configuration, never from a Host header
 */
public record PoolRoute(
    PoolId pool, String name, String subscription, String resourceGroup, String endpoint) {}
