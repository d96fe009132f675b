@NullMarked
package dev.sandpool.server.usage;

import org.jspecify.annotations.NullMarked;
