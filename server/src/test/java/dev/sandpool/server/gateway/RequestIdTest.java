package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** What is written digit by digit must be what a library would write. */
class RequestIdTest {
  @Test
  void isWrittenAsAUuidAndAsATrace() {
    var random = new Random(5);
    for (int i = 0; i < 1000; i++) {
      RequestId id = RequestId.random(random, 0);
      String plain = "%016x%016x".formatted(id.high(), id.low());

      assertThat(id).hasToString(new UUID(id.high(), id.low()).toString());
      assertThat(id.traceAndSpan())
          .isEqualTo(plain + "-%016x".formatted((id.high() ^ id.low()) | 1));
    }
  }
}
