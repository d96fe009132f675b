/**
 * The engine in another process than the rest of the server: who reads requests from the network
 * has no rights on the host, and who has them reads nothing but these calls.
 */
@NullMarked
package dev.sandpool.server.engine.remote;

import org.jspecify.annotations.NullMarked;
