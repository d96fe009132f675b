/**
 * The few things of Linux that Java does not have: mounts, namespaces, signals, processes by name.
 */
@NullMarked
package dev.sandpool.server.linux;

import org.jspecify.annotations.NullMarked;
