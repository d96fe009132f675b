/** {@code sandpool identity}: user-assigned identities. */
@NullMarked
package dev.sandpool.cli.identity;

import org.jspecify.annotations.NullMarked;
