/** The vocabulary that command line and server share: ids, resource records, errors, JSON. */
@NullMarked
package dev.sandpool.model;

import org.jspecify.annotations.NullMarked;
