package dev.sandpool.e2e.engine;

/** The contract kit on machines that boot. */
class MicrovmEngineContractIT extends MicrovmEngineContract {}
