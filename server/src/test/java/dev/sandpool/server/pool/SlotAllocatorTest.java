package dev.sandpool.server.pool;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

/** A slot's address must not come back while somebody may still send to it. */
class SlotAllocatorTest {
  @Test
  void aFreedSlotIsTheLastToComeBack() {
    var slots = new SlotAllocator(4);
    assertThat(List.of(slots.take(), slots.take())).containsExactly(0, 1);
    slots.free(0);
    assertThat(List.of(slots.take(), slots.take(), slots.take())).containsExactly(2, 3, 0);
  }

  @Test
  void neverGivesOneTwiceAndSaysWhenThereIsNone() {
    var slots = new SlotAllocator(3);
    assertThat(List.of(slots.take(), slots.take(), slots.take())).doesNotHaveDuplicates();
    assertThat(slots.take()).isEqualTo(-1);
    slots.free(1);
    assertThat(slots.take()).isEqualTo(1);
  }

  @Test
  void slotsOfAnEarlierServerAreTaken() {
    var slots = new SlotAllocator(4);
    slots.adopt(List.of(0, 2));
    assertThat(List.of(slots.take(), slots.take())).containsExactly(3, 1);
    assertThat(slots.take()).isEqualTo(-1);
  }
}
