package dev.sandpool.server.pool;

import dev.sandpool.model.SandboxId;
import java.util.HashMap;
import java.util.Map;

/**
 * The memory that sandboxes may have together, limits and overhead counted, whether they use it or
 * not; Stopping ones count until they are gone.
 */
final class HostMemory {
  private final long limitBytes;
  private final Map<SandboxId, Long> reserved = new HashMap<>();
  private long reservedBytes;

  /**
   * @param limitBytes {@code limits.host.memory}
   */
  HostMemory(long limitBytes) {
    this.limitBytes = limitBytes;
  }

  /** Reserves if there is room; answers whether it did. */
  synchronized boolean reserve(SandboxId sandbox, long bytes) {
    if (reservedBytes + bytes > limitBytes) {
      return false;
    }
    adopt(sandbox, bytes);
    return true;
  }

  /** Counts a sandbox that exists already, whether there is room or not. */
  synchronized void adopt(SandboxId sandbox, long bytes) {
    if (reserved.putIfAbsent(sandbox, bytes) == null) {
      reservedBytes += bytes;
    }
  }

  /** Gives back what a sandbox had. */
  synchronized void release(SandboxId sandbox) {
    Long bytes = reserved.remove(sandbox);
    if (bytes != null) {
      reservedBytes -= bytes;
    }
  }

  /** What is reserved now. */
  synchronized long reservedBytes() {
    return reservedBytes;
  }

  /** Why {@code bytes} more do not fit, with the numbers. */
  synchronized String refusal(long bytes) {
    return "host is full: %d MiB of %d MiB (limits.host.memory) are reserved by %d sandboxes, one more needs %d MiB"
        .formatted(reservedBytes >> 20, limitBytes >> 20, reserved.size(), bytes >> 20);
  }
}
