package dev.sandpool.server.engine;

import dev.sandpool.model.SandboxId;

/**
 * A sandbox with a living process.
 *
 * @param slot the slot that it was started in
 * @param imageDigest of the image that it runs, which must stay as long as it does
 * @param address where its application is reached from the host, an IP address
 */
public record RunningSandbox(SandboxId id, int slot, String imageDigest, String address) {}
