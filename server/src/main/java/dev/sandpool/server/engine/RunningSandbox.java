package dev.sandpool.server.engine;

import dev.sandpool.model.Isolation;
import dev.sandpool.model.SandboxId;
import org.jspecify.annotations.Nullable;

/**
 * A sandbox with a living process.
 *
 * @param slot the slot that it was started in
 * @param imageDigest of the image that it runs, which must stay as long as it does
 * @param address where its application is reached from the host, an IP address
 * @param door where it may ask for tokens; null if it may not
 * @param isolation what stands between it and the host; null where nobody has written it down
 */
public record RunningSandbox(
    SandboxId id,
    int slot,
    String imageDigest,
    String address,
    @Nullable IdentityDoor door,
    @Nullable Isolation isolation) {
  /** One that may not ask for tokens, of an engine that isolates nothing. */
  public RunningSandbox(SandboxId id, int slot, String imageDigest, String address) {
    this(id, slot, imageDigest, address, null, null);
  }

  /** Whether less is between it and the host than that engine has for those that it starts. */
  public boolean behindLessThan(EngineInfo engine) {
    return isolation != null && isolation.compareTo(engine.isolation()) < 0;
  }
}
