/** Images: pull, unpack, cache, import, remove. */
@NullMarked
package dev.sandpool.server.image;

import org.jspecify.annotations.NullMarked;
