/** Pools: sizing (pure), keeping (acting), revisions, probes. */
@NullMarked
package dev.sandpool.server.pool;

import org.jspecify.annotations.NullMarked;
