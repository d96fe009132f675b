/** The whole system with real sandboxes and a real registry; helpers for all of it are here. */
@NullMarked
package dev.sandpool.e2e;

import org.jspecify.annotations.NullMarked;
