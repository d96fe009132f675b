/** Commands on sessions that run code and keep files, one class each (contract 3.2 and 4). */
@NullMarked
package dev.sandpool.cli.interpreter;

import org.jspecify.annotations.NullMarked;
