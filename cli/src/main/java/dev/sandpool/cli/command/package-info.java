/** What all commands share, and those that stand alone. */
@NullMarked
package dev.sandpool.cli.command;

import org.jspecify.annotations.NullMarked;
