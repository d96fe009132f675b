/** The data key: sealing of secrets and identifiers, keyed hashes. */
@NullMarked
package dev.sandpool.server.secret;

import org.jspecify.annotations.NullMarked;
