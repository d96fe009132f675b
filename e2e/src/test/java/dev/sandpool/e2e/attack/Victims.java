package dev.sandpool.e2e.attack;

import dev.sandpool.model.NetworkStatus;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * The neighbours of an attacker, who answer to everything that reaches them.
 *
 * @param same address of one of the same pool: without egress
 * @param other address of one of another pool: with egress
 */
record Victims(String same, String other) {
  private static final long MEMORY_MIB = 256;
  private static final long ATTACKER_MEMORY_MIB = 512;

  /** An attacker, and where from its place everything is. */
  record Attack(Guest attacker, Map<Place, World.Addresses> places) {}

  static Victims start(Ward ward) throws Exception {
    return new Victims(
        start(ward, NetworkStatus.EGRESS_DISABLED, MEMORY_MIB, "victim").address(),
        start(ward, NetworkStatus.EGRESS_ENABLED, MEMORY_MIB, "victim").address());
  }

  /** Starts an attacker among them. */
  Attack attackerOf(Ward ward, NetworkStatus network) throws Exception {
    Guest attacker = start(ward, network, ATTACKER_MEMORY_MIB);
    return attack(attacker, attacker.address());
  }

  Attack attack(Guest attacker, String address) {
    return new Attack(attacker, World.around(address, same, other));
  }

  /** The host's end speaks IPv6 to everybody, so that only rules can be in the way. */
  private static Guest start(Ward ward, NetworkStatus network, long memoryMib, String... args)
      throws Exception {
    Guest guest = ward.start(network, memoryMib, args);
    if (Files.exists(Path.of("/sys/class/net", guest.wire()))) {
      World.sixth(guest.wire(), guest.address());
    }
    return guest;
  }
}
