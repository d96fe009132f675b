package dev.sandpool.e2e.attack;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Where an attack over the network is aimed at. */
enum Place {
  /** A service on the host's own loopback. */
  LOOPBACK,
  /** The host's address in its own network. */
  LAN,
  /** The host's end of the sandbox's wire. */
  GATEWAY,
  /** Another sandbox of the same pool: same image, no egress. */
  SAME,
  /** A sandbox of another pool, with egress. */
  OTHER,
  /** 169.254.169.254, where clouds tell machines their secrets. */
  METADATA,
  /** A private range behind the host. */
  PRIVATE,
  /** A host of the test's own internet. */
  INTERNET;

  /** In what the network is spoken. */
  private static final List<String> WAYS =
      List.of("tcp", "udp", "icmp", "raw", "ipv6", "dns", "arp");

  /** One probe at least that a kit must have for each way to each place. */
  static List<String> cells() {
    return WAYS.stream()
        .flatMap(way -> Arrays.stream(values()).map(place -> way + " " + place.word()))
        .toList();
  }

  /** As the probes call it. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}
