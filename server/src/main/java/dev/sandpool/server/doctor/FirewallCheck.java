package dev.sandpool.server.doctor;

import dev.sandpool.server.network.ForeignFirewalls;
import dev.sandpool.server.network.ForeignFirewalls.Drop;
import dev.sandpool.server.network.ForeignFirewalls.Effect;
import java.io.IOException;
import java.util.List;

/**
 * Rules of other programs that beat ours: a packet that one table accepts is still dropped by the
 * next (nft(8), "accept").
 */
final class FirewallCheck implements Check.Examination {
  @Override
  public List<Finding> examine() throws IOException {
    return judge(ForeignFirewalls.find());
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
