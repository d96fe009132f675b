/** The two clocks, passed in wherever time matters. */
@NullMarked
package dev.sandpool.server.time;

import org.jspecify.annotations.NullMarked;
