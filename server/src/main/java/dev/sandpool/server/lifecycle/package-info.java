/** What befell sandboxes and the host beneath them, as events: told once, logged and counted. */
@NullMarked
package dev.sandpool.server.lifecycle;

import org.jspecify.annotations.NullMarked;
