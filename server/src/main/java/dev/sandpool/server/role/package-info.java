/** Roles: which right each operation needs, who was given which, and what follows from it. */
@NullMarked
package dev.sandpool.server.role;

import org.jspecify.annotations.NullMarked;
