@NullMarked
package dev.sandpool.server.role;

import org.jspecify.annotations.NullMarked;
