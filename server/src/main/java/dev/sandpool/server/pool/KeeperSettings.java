package dev.sandpool.server.pool;

import dev.sandpool.server.image.Retention;
import java.time.Duration;

/**
 * What an operator may set of the keeper.
 *
 * @param startWidth sandboxes started at once, at least 1; 2 x cores keeps starts near their best
 * @param refillWidth how many of them for which no caller waits, at least 1
 * @param stopGrace between asking a sandbox to end and killing it
 * @param readyDeadline from start until the application must listen
 * @param changeDeadline after which a create or update that got nowhere has failed
 * @param trial how long a revision's first sandbox must hold before others are replaced by it
 * @param slotRest how long a slot rests after its sandbox is gone (G3)
 * @param slots how many network slots there are
 * @param hostMemoryBytes what all sandboxes may have together
 * @param backoff pauses between starts of a revision that keeps failing
 * @param retention of images that nothing uses
 */
public record KeeperSettings(
    int startWidth,
    int refillWidth,
    Duration stopGrace,
    Duration readyDeadline,
    Duration changeDeadline,
    Duration trial,
    Duration slotRest,
    int slots,
    long hostMemoryBytes,
    Backoff backoff,
    Retention retention) {
  /** The documented defaults for a host. */
  public static KeeperSettings defaults(int cores, int slots, long hostMemoryBytes) {
    return new KeeperSettings(
        2 * cores,
        cores,
        Duration.ofSeconds(2),
        Duration.ofMinutes(2),
        Duration.ofMinutes(10),
        Duration.ofSeconds(2),
        Duration.ofSeconds(60),
        slots,
        hostMemoryBytes,
        Backoff.DEFAULT,
        new Retention(Duration.ofDays(7), 20L << 30));
  }
}
