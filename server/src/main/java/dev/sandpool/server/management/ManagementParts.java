package dev.sandpool.server.management;

import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.image.ImageStore;
import dev.sandpool.server.image.ImageUploads;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.pool.Pools;
import dev.sandpool.server.role.Roles;
import dev.sandpool.server.secret.DataKey;
import dev.sandpool.server.time.Time;
import java.util.Map;
import java.util.function.Supplier;

/**
 * What management talks to; it owns none of it.
 *
 * @param lifecycle how many lifecycle events of each kind there were
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
    Roles roles,
    DataKey key,
    Supplier<Map<String, Long>> lifecycle,
    Time time) {}
