package dev.sandpool.server.pool;

/**
 * How much of the host sandboxes have taken.
 *
 * @param slotsTaken network slots in use or resting
 * @param slots network slots that there are
 * @param memoryReserved bytes, overhead included
 * @param memory bytes that there are for sandboxes
 */
public record Room(int slotsTaken, int slots, long memoryReserved, long memory) {}
