/** The real engine against the engines' contract kit. */
@NullMarked
package dev.sandpool.e2e.engine;

import org.jspecify.annotations.NullMarked;
