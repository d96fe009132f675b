package dev.sandpool.e2e.attack;

/**
 * What became of one probe in one configuration.
 *
 * @param through whether it reached what it must not reach
 * @param said how, or what stopped it
 */
record Finding(boolean through, String said) {}
