/** {@code sandpool role}: who may do what, and where. */
@NullMarked
package dev.sandpool.cli.role;

import org.jspecify.annotations.NullMarked;
