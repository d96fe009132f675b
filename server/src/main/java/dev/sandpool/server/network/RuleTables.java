package dev.sandpool.server.network;

import dev.sandpool.server.linux.Nftables;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The packet rules on the host, twice: in a table that stays when the server ends, and in a shield
 * that belongs to this process and that nobody else can change. What passes has passed both.
 */
final class RuleTables implements RuleGuard.Rules, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RuleTables.class);

  private final Nftables nft;
  private final TrafficLimits traffic;
  private PacketRules.Facts facts;
  private String standing = "";
  private boolean shielded;
  private boolean warned;
  private boolean removed;

  RuleTables(Nftables nft, PacketRules.Facts facts, TrafficLimits traffic) {
    this.nft = nft;
    this.traffic = traffic;
    this.facts = facts;
  }

  @Override
  public List<String> names() {
    return List.of(facts.table(), TrafficRules.table(facts.prefix()));
  }

  /**
   * Puts them in force, in place of what there is of them.
   *
   * @throws IOException if this host's kernel cannot
   */
  @Override
  public synchronized void install() throws IOException {
    if (removed) {
      return;
    }
    try {
      nft.run(PacketRules.install(facts) + TrafficRules.install(facts.prefix(), traffic));
    } catch (IOException e) {
      throw new IOException(
          "this host's kernel refuses the packet rules that keep sandboxes apart (nftables with"
              + " inet, fib and nat is needed): "
              + e.getMessage(),
          e);
    }
    standing = listing();
    raiseShield();
  }

  /** Raises the shield if it is not up: an earlier owner may have been there until now. */
  synchronized void shield() {
    if (!shielded && !removed) {
      raiseShield();
    }
  }

  private void raiseShield() {
    try {
      nft.run(PacketRules.shield(facts));
      shielded = true;
    } catch (IOException e) {
      shielded = false;
      if (!warned) {
        LOG.warn(
            "the packet rules have no shield (kernel 5.12 or newer is needed, and no other process"
                + " that has it): if somebody removes them, sandboxes can reach the host until they"
                + " are back ({})",
            e.getMessage());
      }
      warned = true;
    }
  }

  @Override
  public synchronized Optional<String> wrong() {
    String found;
    try {
      found = listing();
    } catch (IOException e) {
      return Optional.of("the packet rules (table inet " + facts.table() + ") are missing");
    }
    return found.equals(standing)
        ? Optional.empty()
        : Optional.of("the packet rules (table inet " + facts.table() + ") were altered");
  }

  /** Follows the host's own networks and fences; answers whether that changed the rules. */
  synchronized boolean follow(List<Ipv4Range> onLink, Set<String> fenced) throws IOException {
    var next = facts.with(onLink, fenced);
    if (next.equals(facts)) {
      return false;
    }
    PacketRules.Facts before = facts;
    facts = next;
    boolean installed = false;
    try {
      install();
      installed = true;
      return true;
    } finally {
      if (!installed) {
        // Else the next look would take them for followed.
        facts = before;
      }
    }
  }

  private String listing() throws IOException {
    String limits = TrafficRules.table(facts.prefix());
    // Of the limits only the rules: the sets beside them hold what is counted now.
    return nft.run("list table inet " + facts.table())
        + nft.run("list chain inet " + limits + " from")
        + nft.run("list chain inet " + limits + " to");
  }

  /** Takes the table off the host; the shield stays until this is closed. */
  synchronized void remove() throws IOException {
    removed = true;
    nft.run(TrafficRules.remove(facts.prefix()) + PacketRules.remove(facts.table()));
  }

  /** Ends the shield; the table stays. */
  @Override
  public void close() {
    nft.close();
  }
}
