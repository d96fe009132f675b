package dev.sandpool.server.image;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Which images to remove: a pure function of what is there and how long it was unused. */
final class ImageCollection {
  /**
   * What was used a moment ago stays: a pool whose image has just been pulled may not have recorded
   * it yet.
   */
  static final Duration GRACE = Duration.ofMinutes(10);

  private ImageCollection() {}

  /** An image that nothing uses, and that can be pulled again. */
  record Unused(String digest, long bytes, Instant lastUsed) {}

  /** Those to remove, longest unused first. */
  static List<String> victims(List<Unused> unused, Retention retention, Instant now) {
    List<Unused> oldestFirst =
        unused.stream().sorted(Comparator.comparing(Unused::lastUsed)).toList();
    long left = unused.stream().mapToLong(Unused::bytes).sum();
    List<String> victims = new ArrayList<>();
    for (Unused image : oldestFirst) {
      Duration idle = Duration.between(image.lastUsed(), now);
      boolean old = idle.compareTo(retention.age()) >= 0;
      boolean tooMuch = left > retention.bytes();
      if (idle.compareTo(GRACE) >= 0 && (old || tooMuch)) {
        victims.add(image.digest());
        left -= image.bytes();
      }
    }
    return victims;
  }
}
