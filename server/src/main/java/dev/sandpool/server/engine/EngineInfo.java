package dev.sandpool.server.engine;

import dev.sandpool.model.Isolation;

/**
 * What an engine offers.
 *
 * @param name {@code oci}, {@code simulated}
 * @param isolation what was earned by probe
 * @param runtime runtime, version and platform for a person, {@code runsc 20240729 (systrap)}
 * @param overheadBytes memory that a sandbox needs on the host beyond its own limit
 * @param slots how many sandboxes the network has room for: slots are 0 to this, exclusively
 */
public record EngineInfo(
    String name, Isolation isolation, String runtime, long overheadBytes, int slots) {}
