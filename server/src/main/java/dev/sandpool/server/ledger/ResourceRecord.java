package dev.sandpool.server.ledger;

import java.time.Instant;

/**
 * One ARM resource as stored.
 *
 * @param id as first written; compared without regard to case
 * @param type {@code Microsoft.App/managedEnvironments}
 * @param document its JSON without secrets
 * @param createdBy and {@code modifiedBy}: who, for {@code systemData}
 */
public record ResourceRecord(
    String id,
    String type,
    String document,
    String createdBy,
    Instant createdAt,
    String modifiedBy,
    Instant modifiedAt) {}
