/** The command line's entry: its surroundings, its tree of commands, its exit codes. */
@NullMarked
package dev.sandpool.cli;

import org.jspecify.annotations.NullMarked;
