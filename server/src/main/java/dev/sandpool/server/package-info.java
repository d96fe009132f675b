/** The server: {@link dev.sandpool.server.Server} puts the parts together by hand. */
@NullMarked
package dev.sandpool.server;

import org.jspecify.annotations.NullMarked;
