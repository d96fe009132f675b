@NullMarked
package dev.sandpool.server.engine.remote;

import org.jspecify.annotations.NullMarked;
