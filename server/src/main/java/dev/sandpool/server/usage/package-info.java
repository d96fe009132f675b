/** Who used how much, and what it costs: measuring beside the way of a request, and reports. */
@NullMarked
package dev.sandpool.server.usage;

import org.jspecify.annotations.NullMarked;
