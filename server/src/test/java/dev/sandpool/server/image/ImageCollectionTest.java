package dev.sandpool.server.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.image.ImageCollection.Unused;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Images that would be missed, or fill the disk. */
class ImageCollectionTest {
  private static final Instant NOW = Instant.parse("2026-01-02T03:04:05Z");

  private static Unused unused(String digest, long bytes, Duration idle) {
    return new Unused(digest, bytes, NOW.minus(idle));
  }

  @Test
  void theOldGoAndTheLongestUnusedWhereThereAreTooMany() {
    List<Unused> images =
        List.of(
            unused("fresh", 10, Duration.ofHours(1)),
            unused("old", 10, Duration.ofDays(8)),
            unused("older", 10, Duration.ofDays(9)),
            unused("middle", 10, Duration.ofDays(2)));
    var week = Duration.ofDays(7);
    assertThat(ImageCollection.victims(images, new Retention(week, 100), NOW))
        .containsExactly("older", "old");
    assertThat(ImageCollection.victims(images, new Retention(week, 10), NOW))
        .containsExactly("older", "old", "middle");
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whatWasJustUsedStaysAndNoMoreGoThanMust(long seed) {
    var random = new Random(seed);
    List<Unused> images = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      images.add(unused("image-" + i, random.nextInt(100), Duration.ofMinutes(random.nextInt(60))));
    }
    var retention = new Retention(Duration.ofMinutes(40), 1000);
    List<String> victims = ImageCollection.victims(images, retention, NOW);
    long left = 0;
    for (Unused image : images) {
      Duration idle = Duration.between(image.lastUsed(), NOW);
      boolean gone = victims.contains(image.digest());
      left += gone ? 0 : image.bytes();
      if (idle.compareTo(ImageCollection.GRACE) < 0) {
        assertThat(gone).as("just used, seed %d", seed).isFalse();
      }
      if (idle.compareTo(retention.age()) >= 0) {
        assertThat(gone).as("old, seed %d", seed).isTrue();
      }
    }
    boolean allGone =
        images.stream()
            .filter(it -> Duration.between(it.lastUsed(), NOW).toMinutes() >= 10)
            .allMatch(it -> victims.contains(it.digest()));
    assertThat(left <= retention.bytes() || allGone).as("seed %d", seed).isTrue();
  }
}
