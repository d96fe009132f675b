package dev.sandpool.server.management;

import dev.sandpool.model.InstanceId;
import io.vertx.core.http.HttpServerRequest;
import java.util.function.Function;

/**
 * What management is told by configuration.
 *
 * @param version of this server, for a person
 * @param domains which hosts pools may be given as their own
 * @param callers the address from which a request came
 */
public record ManagementSettings(
    String version,
    InstanceId instance,
    PublicAddress address,
    PoolLimits limits,
    QuotaLimits quotas,
    Tenancy tenancy,
    CustomDomains domains,
    Function<HttpServerRequest, String> callers) {}
