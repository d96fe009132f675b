/** ARM REST: one resource class a type, validation, long-running operations, problems. */
@NullMarked
package dev.sandpool.server.management;

import org.jspecify.annotations.NullMarked;
