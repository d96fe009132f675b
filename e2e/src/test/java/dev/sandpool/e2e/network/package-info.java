/** The rules around sandboxes, met by real packets in network namespaces that the test made. */
@NullMarked
package dev.sandpool.e2e.network;

import org.jspecify.annotations.NullMarked;
