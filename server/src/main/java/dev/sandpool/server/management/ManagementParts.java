package dev.sandpool.server.management;

import dev.sandpool.server.audit.Audit;
import dev.sandpool.server.audit.AuditReader;
import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.identity.Identity;
import dev.sandpool.server.image.ImageStore;
import dev.sandpool.server.image.ImageUploads;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.metrics.Metrics;
import dev.sandpool.server.pool.Pools;
import dev.sandpool.server.role.Roles;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.time.Time;
import dev.sandpool.server.usage.UsageReports;
import java.util.function.Supplier;

/**
 * What management talks to; it owns none of it.
 *
 * @param audit where changes and refusals are noted
 * @param records what was noted
 * @param identity the built-in authority, whose principals are managed here
 * @param metrics what is counted, to be shown
 * @param usage who used how much
 */
public record ManagementParts(
    Ledger ledger,
    Pools pools,
    ImageStore images,
    ImageUploads uploads,
    Supplier<EngineInfo> engine,
    ConsoleReader console,
    SessionLookup sessions,
    TokenCheck tokens,
    Identity identity,
    Roles roles,
    DataKey key,
    Audit audit,
    AuditReader records,
    LogAccess logs,
    Metrics metrics,
    UsageReports usage,
    Time time) {}
