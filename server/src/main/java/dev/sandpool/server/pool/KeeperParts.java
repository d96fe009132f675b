package dev.sandpool.server.pool;

import dev.sandpool.server.engine.SandboxEngine;
import dev.sandpool.server.image.ImageStore;
import dev.sandpool.server.ledger.ClaimMark;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.lifecycle.LifecycleSink;
import dev.sandpool.server.metrics.Metrics;
import dev.sandpool.server.time.Time;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;

/**
 * What the keeper works with.
 *
 * @param logins of identities that pull images
 * @param doors where sandboxes ask for tokens
 * @param mark the ledger's claims, counted where a restored copy does not bring its own count
 * @param usableBytes free where the ledger is
 * @param refusal why no sandbox of a pool may be started on this host, whatever else there is: it
 *     asks for more isolation than there is
 * @param snapshotStart whether sandboxes of a pool may start as clones of one that was ready
 */
public record KeeperParts(
    Ledger ledger,
    SandboxEngine engine,
    ImageStore images,
    RegistryLogins logins,
    SandboxProbe probe,
    IdentityDoors doors,
    Time time,
    RandomGenerator random,
    LifecycleSink events,
    ClaimMark mark,
    LongSupplier usableBytes,
    Function<PoolRecord, Optional<String>> refusal,
    Predicate<PoolRecord> snapshotStart,
    Metrics metrics) {}
