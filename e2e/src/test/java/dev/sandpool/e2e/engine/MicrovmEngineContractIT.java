package dev.sandpool.e2e.engine;

import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/**
 * The contract kit on machines that boot, in the long form alone: what neither serves nor waits
 * boots in {@link MicrovmClonesContractIT} too.
 */
@EnabledIfSystemProperty(named = "sandpool.soak", matches = "true")
class MicrovmEngineContractIT extends MicrovmEngineContract {}
