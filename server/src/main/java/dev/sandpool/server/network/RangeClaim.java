package dev.sandpool.server.network;

import dev.sandpool.model.InstanceId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The range of addresses that belongs to one server of the host: chosen once, kept in its data
 * directory, and marked in the routing table by a route whose metric is the server's own.
 */
final class RangeClaim {
  private static final int CANDIDATES = 16;

  private final Routes routes;
  private final Path file;
  private final InstanceId instance;

  RangeClaim(Routes routes, Path file, InstanceId instance) {
    this.routes = routes;
    this.file = file;
    this.instance = instance;
  }

  /**
   * The range, claimed.
   *
   * @throws IOException if it, or each that could be, is used by something else on the host
   */
  Ipv4Range claim(Optional<Ipv4Range> configured) throws IOException {
    List<Ipv4Range> candidates = configured.map(List::of).orElseGet(this::candidates);
    for (Ipv4Range candidate : candidates) {
      if (claimed(candidate)) {
        Files.writeString(file, candidate.toString());
        return candidate;
      }
    }
    throw allTaken(configured);
  }

  /**
   * The first range that {@link #claim} would try with success now.
   *
   * @throws IOException as there
   */
  Ipv4Range free(Optional<Ipv4Range> configured) throws IOException {
    List<Routes.Route> all = Routes.read();
    return configured.map(List::of).orElseGet(this::candidates).stream()
        .filter(candidate -> !taken(all, candidate))
        .findFirst()
        .orElseThrow(() -> allTaken(configured));
  }

  private static IOException allTaken(Optional<Ipv4Range> configured) {
    return new IOException(
        "the addresses "
            + (configured.isPresent() ? configured.get().toString() : "10.213.0.0/16")
            + " for sandboxes are used by other routes of this host; set network.range to a free"
            + " block, or free those of servers that are gone (sandpool doctor names them)");
  }

  /** Gives back whatever this server has claimed, also where its data directory is gone. */
  void release() throws IOException {
    for (AddressClaim claim : AddressClaim.all()) {
      if (claim.owner().equals(instance)) {
        routes.release(claim.range(), metric());
      }
    }
  }

  private boolean claimed(Ipv4Range candidate) throws IOException {
    List<Routes.Route> before = Routes.read();
    if (taken(before, candidate)) {
      return false;
    }
    if (before.stream().noneMatch(route -> mine(route, candidate))) {
      routes.claim(candidate, metric());
      // Two servers may have found it free at the same moment: the one that sees both yields.
      if (taken(Routes.read(), candidate)) {
        routes.release(candidate, metric());
        return false;
      }
    }
    return true;
  }

  private boolean taken(List<Routes.Route> all, Ipv4Range candidate) {
    return all.stream()
        .filter(route -> !mine(route, candidate) && !route.device().startsWith(instance.prefix()))
        .filter(route -> !route.isDefault())
        .anyMatch(route -> candidate.overlaps(route.destination()));
  }

  private boolean mine(Routes.Route route, Ipv4Range candidate) {
    return route.metric() == metric() && route.destination().equals(candidate);
  }

  private long metric() {
    return AddressClaim.metric(instance);
  }

  private List<Ipv4Range> candidates() {
    List<Ipv4Range> candidates = new ArrayList<>();
    remembered().ifPresent(candidates::add);
    int first = Math.floorMod(instance.hashCode(), CANDIDATES);
    for (int i = 0; i < CANDIDATES; i++) {
      int third = (first + i) % CANDIDATES * 16;
      candidates.add(Ipv4Range.parse("10.213." + third + ".0/20"));
    }
    return candidates;
  }

  private Optional<Ipv4Range> remembered() {
    try {
      return Optional.of(Ipv4Range.parse(Files.readString(file).strip()));
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
