/**
 * What sandboxes printed and what became of them, kept in files of its own: collected beside the
 * way of a request, read by queries, followers and exporters.
 */
@NullMarked
package dev.sandpool.server.logs;

import org.jspecify.annotations.NullMarked;
