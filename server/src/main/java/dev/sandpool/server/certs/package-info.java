/** Certificates for development: an authority of one's own, and what it signs. */
@NullMarked
package dev.sandpool.server.certs;

import org.jspecify.annotations.NullMarked;
