package dev.sandpool.server.engine;

/**
 * Sandboxes that could start as clones of one that was ready start by themselves instead.
 *
 * @param snapshot its name
 * @param why for a person
 */
public record SnapshotLoss(String snapshot, String why) implements EngineEvent {}
