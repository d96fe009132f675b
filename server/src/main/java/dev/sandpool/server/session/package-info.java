/** Sessions: who holds which sandbox, waiting for one, idleness and expiry. */
@NullMarked
package dev.sandpool.server.session;

import org.jspecify.annotations.NullMarked;
