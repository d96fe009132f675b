/** {@code sandpool ad}: service principals and keys of the built-in authority. */
@NullMarked
package dev.sandpool.cli.ad;

import org.jspecify.annotations.NullMarked;
