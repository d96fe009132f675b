/** Tokens: the built-in authority and their verification. */
@NullMarked
package dev.sandpool.server.identity;

import org.jspecify.annotations.NullMarked;
