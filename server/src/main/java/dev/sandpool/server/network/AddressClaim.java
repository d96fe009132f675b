package dev.sandpool.server.network;

import dev.sandpool.model.InstanceId;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * A range of addresses that a server of this host has claimed, by a route to nowhere whose metric
 * is the server's id as a number.
 */
public record AddressClaim(InstanceId owner, Ipv4Range range) {
  private static final String DIGITS = "abcdefghijklmnopqrstuvwxyz234567";
  private static final long METRIC = 4_000_000_000L;
  private static final int LENGTH = 4;
  private static final long IDS = 1L << (5 * LENGTH);

  /** All on this host, whether or not their servers run. */
  public static List<AddressClaim> all() throws IOException {
    return Routes.read().stream().flatMap(route -> of(route).stream()).toList();
  }

  static Optional<AddressClaim> of(Routes.Route route) {
    long number = route.metric() - METRIC;
    if (!route.device().isEmpty() || number < 0 || number >= IDS) {
      return Optional.empty();
    }
    var id = new StringBuilder();
    for (int i = LENGTH - 1; i >= 0; i--) {
      id.append(DIGITS.charAt((int) ((number >> (5 * i)) & 31)));
    }
    return Optional.of(new AddressClaim(new InstanceId(id.toString()), route.destination()));
  }

  /** The metric of that server's routes. */
  public static long metric(InstanceId owner) {
    long number = 0;
    for (char digit : owner.value().toCharArray()) {
      number = number << 5 | DIGITS.indexOf(digit);
    }
    return METRIC + number;
  }
}
