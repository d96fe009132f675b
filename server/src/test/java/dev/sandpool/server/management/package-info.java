@NullMarked
package dev.sandpool.server.management;

import org.jspecify.annotations.NullMarked;
