/** Load scenarios against nginx, haproxy and the bare runtimes, and the table of what came out. */
@NullMarked
package dev.sandpool.bench;

import org.jspecify.annotations.NullMarked;
