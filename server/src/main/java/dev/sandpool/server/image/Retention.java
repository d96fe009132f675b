package dev.sandpool.server.image;

import java.time.Duration;

/**
 * How long images that nothing uses are kept.
 *
 * @param age since they were last used
 * @param bytes that all unused ones together may take, unpacked; the longest unused go first
 */
public record Retention(Duration age, long bytes) {}
