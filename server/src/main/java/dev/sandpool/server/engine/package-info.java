/** What starts and stops sandboxes: the contract, as plain values that could cross a process. */
@NullMarked
package dev.sandpool.server.engine;

import org.jspecify.annotations.NullMarked;
