/**
 * Queries of stored logs in a small subset of the Kusto Query Language, answered as Log Analytics
 * answers them; what is not of the subset is refused by name and place.
 */
@NullMarked
package dev.sandpool.server.logs.query;

import org.jspecify.annotations.NullMarked;
