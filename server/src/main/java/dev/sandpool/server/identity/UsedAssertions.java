package dev.sandpool.server.identity;

import java.time.Instant;
import java.util.HashMap;
import java.util.Map;

/**
 * The client assertions that were good, until they expire: each is good once (RFC 7523 section 3,
 * {@code jti}). Only what a client's own key has signed comes in here, and each client has so much
 * room and no more: one that fills it keeps itself out and nobody else. A server that starts anew
 * has forgotten them.
 */
final class UsedAssertions {
  private final int mostOfAClient;
  private final Map<String, Map<String, Instant>> byClient = new HashMap<>();
  private int uses;

  UsedAssertions(int mostOfAClient) {
    this.mostOfAClient = mostOfAClient;
  }

  /**
   * Notes the use of one.
   *
   * @param until when it stops being good by itself
   * @return whether it had not been used before; false as well when no more can be remembered
   */
  synchronized boolean use(String client, String id, Instant until, Instant now) {
    if (++uses % mostOfAClient == 0) {
      byClient.values().forEach(its -> forget(its, now));
      byClient.values().removeIf(Map::isEmpty);
    }
    Map<String, Instant> its = byClient.computeIfAbsent(client, _ -> new HashMap<>());
    if (its.size() >= mostOfAClient) {
      forget(its, now);
    }
    return its.size() < mostOfAClient && its.putIfAbsent(id, until) == null;
  }

  private static void forget(Map<String, Instant> its, Instant now) {
    its.values().removeIf(until -> !now.isBefore(until));
  }

  synchronized int size() {
    return byClient.values().stream().mapToInt(Map::size).sum();
  }
}
