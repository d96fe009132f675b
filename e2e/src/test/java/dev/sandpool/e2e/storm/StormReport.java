package dev.sandpool.e2e.storm;

import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** What a storm did and found; filled by many threads. */
final class StormReport {
  private final Map<String, Integer> counts = new TreeMap<>();
  private final Queue<String> broken = new ConcurrentLinkedQueue<>();

  synchronized void count(String what) {
    counts.merge(what, 1, Integer::sum);
  }

  synchronized int counted(String what) {
    return counts.getOrDefault(what, 0);
  }

  /** A promise that did not hold. */
  void broken(String what) {
    broken.add(what);
  }

  List<String> broken() {
    return List.copyOf(broken);
  }

  @Override
  public synchronized String toString() {
    return counts + ", broken: " + broken.size();
  }
}
