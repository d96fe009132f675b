/** The whole system with real sandboxes. */
@NullMarked
package dev.sandpool.e2e;

import org.jspecify.annotations.NullMarked;
