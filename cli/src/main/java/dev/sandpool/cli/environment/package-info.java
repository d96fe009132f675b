/** Commands on environments, one class each. */
@NullMarked
package dev.sandpool.cli.environment;

import org.jspecify.annotations.NullMarked;
