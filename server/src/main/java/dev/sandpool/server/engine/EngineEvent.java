package dev.sandpool.server.engine;

/** Something that happened to an engine without being asked for; plain values. */
public sealed interface EngineEvent permits SandboxExit, NetworkGuard, SnapshotLoss {}
