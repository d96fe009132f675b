package dev.sandpool.server.network;

import java.util.List;
import java.util.Optional;

/**
 * What an operator may choose about the network of sandboxes.
 *
 * @param range addresses of slots; where empty, a free /20 of 10.213.0.0/16
 * @param resolvers name servers of sandboxes with egress; where empty, those of the host that have
 *     public addresses
 * @param allowed ranges that sandboxes with egress may reach although they are private
 * @param traffic how much of the network one sandbox may take
 * @param identityPort where sandboxes that may do so ask for tokens, at their host's end
 */
public record NetworkConfig(
    Optional<Ipv4Range> range,
    List<String> resolvers,
    List<Ipv4Range> allowed,
    TrafficLimits traffic,
    int identityPort) {
  /** That of the original service. */
  public static final int IDENTITY_PORT = 42_356;

  public NetworkConfig {
    resolvers = List.copyOf(resolvers);
    allowed = List.copyOf(allowed);
  }

  /** Everything chosen by the server. */
  public static NetworkConfig defaults() {
    return new NetworkConfig(
        Optional.empty(), List.of(), List.of(), TrafficLimits.defaults(), IDENTITY_PORT);
  }
}
