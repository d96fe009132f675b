/** Spans of requests: left by who serves them, taken by who hands them on. */
@NullMarked
package dev.sandpool.server.trace;

import org.jspecify.annotations.NullMarked;
