/** Commands on session pools, one class each. */
@NullMarked
package dev.sandpool.cli.pool;

import org.jspecify.annotations.NullMarked;
