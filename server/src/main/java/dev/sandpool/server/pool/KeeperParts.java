package dev.sandpool.server.pool;

import dev.sandpool.server.engine.SandboxEngine;
import dev.sandpool.server.image.ImageStore;
import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.time.Time;
import java.util.random.RandomGenerator;

/** What the keeper works with. */
public record KeeperParts(
    Ledger ledger,
    SandboxEngine engine,
    ImageStore images,
    ReadinessProbe probe,
    Time time,
    RandomGenerator random) {}
