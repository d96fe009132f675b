package dev.sandpool.server.engine;

import dev.sandpool.model.SandboxId;
import org.jspecify.annotations.Nullable;

/**
 * A sandbox with a living process.
 *
 * @param slot the slot that it was started in
 * @param imageDigest of the image that it runs, which must stay as long as it does
 * @param address where its application is reached from the host, an IP address
 * @param door where it may ask for tokens; null if it may not
 */
public record RunningSandbox(
    SandboxId id, int slot, String imageDigest, String address, @Nullable IdentityDoor door) {
  /** One that may not ask for tokens. */
  public RunningSandbox(SandboxId id, int slot, String imageDigest, String address) {
    this(id, slot, imageDigest, address, null);
  }
}
