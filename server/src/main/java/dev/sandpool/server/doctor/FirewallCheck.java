package dev.sandpool.server.doctor;

import dev.sandpool.server.network.ForeignFirewalls;
import dev.sandpool.server.network.ForeignFirewalls.Drop;
import dev.sandpool.server.network.ForeignFirewalls.Effect;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Rules of other programs that beat ours: a packet that one table accepts is still dropped by the
 * next (nft(8), "accept").
 */
final class FirewallCheck implements Check.Examination {
  @Override
  public List<Finding> examine() throws IOException {
    List<Drop> drops = new ArrayList<>(ForeignFirewalls.find());
    List<Finding> unread = List.of();
    try {
      drops.addAll(ForeignFirewalls.findLegacy());
    } catch (IOException e) {
      unread = List.of(unread(e));
    }
    return Stream.of(judge(drops), unread).flatMap(List::stream).toList();
  }

  private static Finding unread(IOException e) {
    return Finding.unknown(
        "iptables-legacy",
        "has rules that cannot be read: " + e.getMessage(),
        "what they drop does not show",
        "install the package iptables");
  }

  static List<Finding> judge(List<Drop> drops) {
    return drops.isEmpty()
        ? List.of(Finding.ok("other tables", "none drops what sandboxes need"))
        : drops.stream().map(FirewallCheck::judge).toList();
  }

  private static Finding judge(Drop drop) {
    return Finding.warning(
        drop.family() + " " + drop.table() + " " + drop.chain(),
        "drops what it does not accept (hook " + drop.hook() + ")",
        consequence(drop.effect()),
        drop.remedy());
  }

  private static String consequence(Effect effect) {
    return switch (effect) {
      case EGRESS -> "sandboxes with egress do not reach the internet";
      case EVERYTHING -> "the gateway does not reach sandboxes";
      case TOKENS -> "sandboxes with an identity get no tokens";
    };
  }
}
