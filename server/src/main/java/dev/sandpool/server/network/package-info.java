/** Slots and the rules around them, as values, and the one class that runs them. */
@NullMarked
package dev.sandpool.server.network;

import org.jspecify.annotations.NullMarked;
