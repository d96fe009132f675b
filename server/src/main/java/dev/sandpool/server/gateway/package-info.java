/**
 * The data plane: authenticates, routes, forwards. Knows sessions and addresses, nothing of engines
 * or SQL.
 */
@NullMarked
package dev.sandpool.server.gateway;

import org.jspecify.annotations.NullMarked;
