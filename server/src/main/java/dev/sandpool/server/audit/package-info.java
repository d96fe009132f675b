/** Who did what, from where, with what result: a record that is only ever added to. */
@NullMarked
package dev.sandpool.server.audit;

import org.jspecify.annotations.NullMarked;
