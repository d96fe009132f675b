/** Configuration: one record a concern; unknown keys refused, all errors at once. */
@NullMarked
package dev.sandpool.server.config;

import org.jspecify.annotations.NullMarked;
