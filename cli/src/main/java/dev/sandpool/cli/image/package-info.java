/** Commands on the images that a server keeps, one class each. */
@NullMarked
package dev.sandpool.cli.image;

import org.jspecify.annotations.NullMarked;
