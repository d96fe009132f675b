package dev.sandpool.server.ledger;

import dev.sandpool.model.SandboxId;
import java.util.List;

/**
 * What has gone through the gateway to and from one sandbox since the server was started.
 *
 * @param requests that were forwarded
 * @param bytesIn to it
 * @param bytesOut from it
 */
public record Traffic(SandboxId sandbox, long requests, long bytesIn, long bytesOut) {
  /** Who counts it. */
  public interface Source {
    /** Of all sandboxes that may have more than when they were last noted. */
    List<Traffic> read();

    /** What was read last is in the ledger: those to which nothing can come any more may go. */
    void noted();
  }
}
