/** Images from real registries and archives. */
@NullMarked
package dev.sandpool.e2e.image;

import org.jspecify.annotations.NullMarked;
