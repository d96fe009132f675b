package dev.sandpool.server.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Which name servers a sandbox with egress is told of: only such that it can reach. */
final class Resolvers {
  private Resolvers() {}

  static List<String> choose(List<String> configured) {
    if (!configured.isEmpty()) {
      return configured;
    }
    try {
      return publicOnes(Files.readAllLines(Path.of("/etc/resolv.conf")));
    } catch (IOException e) {
      return List.of();
    }
  }

  static List<String> publicOnes(List<String> resolvConf) {
    List<Ipv4Range> never = PacketRules.NEVER.stream().map(Ipv4Range::parse).toList();
    return resolvConf.stream()
        .map(line -> line.strip().split("\\s+"))
        .filter(words -> words[0].equals("nameserver") && words.length > 1)
        .map(words -> words[1])
        .filter(
            address ->
                range(address).filter(one -> never.stream().noneMatch(one::overlaps)).isPresent())
        .toList();
  }

  /** Nothing for what is no IPv4 address; resolvers of the host pass over it too. */
  private static Optional<Ipv4Range> range(String address) {
    try {
      return Optional.of(Ipv4Range.parse(address)).filter(one -> one.prefix() == 32);
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
