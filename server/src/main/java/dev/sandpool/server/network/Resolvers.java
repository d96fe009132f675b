package dev.sandpool.server.network;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

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
        .map(String::strip)
        .filter(line -> line.matches("nameserver\\s+[0-9.]+"))
        .map(line -> line.split("\\s+")[1])
        .filter(
            address -> {
              Ipv4Range one = Ipv4Range.parse(address);
              return never.stream().noneMatch(one::overlaps);
            })
        .toList();
  }
}
