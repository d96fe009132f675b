package dev.sandpool.server.ledger;

import dev.sandpool.model.SandboxId;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What one pool, or one sandbox of it, used in an hour, or a longer step.
 *
 * @param resourceId of the pool, which need not be there any more
 * @param sandbox whose usage it is; null: that of all of the pool's
 * @param tags that it has, or had last
 * @param hour when that began, UTC
 */
public record PoolHour(
    String resourceId,
    @Nullable SandboxId sandbox,
    Map<String, String> tags,
    Instant hour,
    UsageAmounts amounts) {}
