package dev.sandpool.server.ledger;

import java.time.Instant;
import java.util.Map;

/**
 * What one pool used in an hour, or a longer step.
 *
 * @param resourceId of the pool, which need not be there any more
 * @param tags that it has, or had last
 * @param hour when that began, UTC
 */
public record PoolHour(
    String resourceId, Map<String, String> tags, Instant hour, UsageAmounts amounts) {}
