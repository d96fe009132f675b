@NullMarked
package dev.sandpool.server.engine.microvm;

import org.jspecify.annotations.NullMarked;
