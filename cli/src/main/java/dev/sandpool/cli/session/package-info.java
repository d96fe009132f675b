/** Commands on the sessions of a pool, one class each. */
@NullMarked
package dev.sandpool.cli.session;

import org.jspecify.annotations.NullMarked;
