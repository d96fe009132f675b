/** Commands on stored logs, as az names them. */
@NullMarked
package dev.sandpool.cli.monitor;

import org.jspecify.annotations.NullMarked;
