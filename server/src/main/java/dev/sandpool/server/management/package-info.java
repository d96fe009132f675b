/** The ARM management API: one resource class a type, long-running operations, problems. */
@NullMarked
package dev.sandpool.server.management;

import org.jspecify.annotations.NullMarked;
