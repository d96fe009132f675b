/** Checks of the host: what is wrong with it, what follows from that, and what to do. */
@NullMarked
package dev.sandpool.server.doctor;

import org.jspecify.annotations.NullMarked;
