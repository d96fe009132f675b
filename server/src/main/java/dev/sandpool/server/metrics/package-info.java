/**
 * What the server counts and times: meters in fields where things happen, read when somebody asks.
 * It knows ids and counts, and none of the rooms that are measured.
 */
@NullMarked
package dev.sandpool.server.metrics;

import org.jspecify.annotations.NullMarked;
