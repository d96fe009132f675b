/** The durable record of resources, sandboxes and sessions, where gateway and keeper meet. */
@NullMarked
package dev.sandpool.server.ledger;

import org.jspecify.annotations.NullMarked;
