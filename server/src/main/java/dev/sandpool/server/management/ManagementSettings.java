package dev.sandpool.server.management;

import dev.sandpool.model.InstanceId;

/**
 * What management is told by configuration.
 *
 * @param version of this server, for a person
 */
public record ManagementSettings(
    String version,
    InstanceId instance,
    PublicAddress address,
    PoolLimits limits,
    QuotaLimits quotas,
    Tenancy tenancy) {}
