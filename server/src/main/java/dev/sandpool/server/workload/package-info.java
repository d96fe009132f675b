/** Identities of pools: where sandboxes ask for tokens, and where these come from. */
@NullMarked
package dev.sandpool.server.workload;

import org.jspecify.annotations.NullMarked;
