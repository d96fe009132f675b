package dev.sandpool.server.pool;

import java.util.BitSet;
import java.util.Collection;

/**
 * The numbers of network slots: each is given to one sandbox and comes back when it has rested
 * (G3). Round robin, so that a number rests as long as possible.
 */
final class SlotAllocator {
  private final int capacity;
  private final BitSet taken = new BitSet();
  private int next;

  /**
   * @param capacity how many slots the network has
   */
  SlotAllocator(int capacity) {
    this.capacity = capacity;
  }

  /** Takes up those of an earlier server. */
  synchronized void adopt(Collection<Integer> slots) {
    slots.forEach(taken::set);
    next = slots.stream().mapToInt(Integer::intValue).max().orElse(-1) + 1;
  }

  /** A free number, or -1 if all are taken or resting. */
  synchronized int take() {
    if (taken.cardinality() >= capacity) {
      return -1;
    }
    int slot = taken.nextClearBit(next < capacity ? next : 0);
    if (slot >= capacity) {
      slot = taken.nextClearBit(0);
    }
    taken.set(slot);
    next = slot + 1;
    return slot;
  }

  /** How many are in use or resting. */
  synchronized int taken() {
    return taken.cardinality();
  }

  /** Gives a number back that has rested. */
  synchronized void free(int slot) {
    taken.clear(slot);
  }
}
