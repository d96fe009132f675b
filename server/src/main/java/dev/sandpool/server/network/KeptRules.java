package dev.sandpool.server.network;

import dev.sandpool.model.InstanceId;
import dev.sandpool.server.linux.Nftables;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The packet rules of one server, kept in force and up to date with the host's own networks; and
 * the host's forwarding, which they fence.
 */
final class KeptRules implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(KeptRules.class);

  private final InstanceId instance;
  private final RuleTables tables;
  private final Forwarding forwarding;
  private final RuleGuard guard;

  private KeptRules(
      InstanceId instance, RuleTables tables, Forwarding forwarding, RuleGuard guard) {
    this.instance = instance;
    this.tables = tables;
    this.forwarding = forwarding;
    this.guard = guard;
  }

  /**
   * Puts them in force, and keeps them so until it is closed.
   *
   * @throws IOException if this host's kernel cannot
   */
  static KeptRules open(InstanceId instance, NetworkConfig config) throws IOException {
    var forwarding = new Forwarding(Forwarding.Host.current());
    var facts =
        new PacketRules.Facts(
            instance.prefix(),
            Routes.onLink(Routes.read(), instance.prefix()),
            config.allowed(),
            config.resolvers(),
            config.identityPort(),
            forwarding.fenced());
    var tables = new RuleTables(Nftables.open(), facts, config.traffic());
    KeptRules rules = of(instance, tables, forwarding);
    try {
      tables.install();
      rules.guard.start(new RuleGuard.Chores(rules::follow, rules::settle));
      return rules;
    } catch (IOException | RuntimeException e) {
      rules.close();
      throw e;
    }
  }

  /** Those of a server that does not run, to remove them; none is made. */
  static KeptRules ofDeadServer(InstanceId instance) throws IOException {
    var facts =
        new PacketRules.Facts(instance.prefix(), List.of(), List.of(), List.of(), 0, Set.of());
    var tables = new RuleTables(Nftables.open(), facts, TrafficLimits.defaults());
    return of(instance, tables, new Forwarding(Forwarding.Host.current()));
  }

  /** With a guard, which the host may refuse: before there are rules that nobody would guard. */
  private static KeptRules of(InstanceId instance, RuleTables tables, Forwarding forwarding)
      throws IOException {
    try {
      var guard = RuleGuard.of(tables, RuleGuard.Pace.USUAL);
      return new KeptRules(instance, tables, forwarding, guard);
    } catch (IOException | RuntimeException e) {
      tables.close();
      throw e;
    }
  }

  private void follow() {
    try {
      forwarding.fence(this::fence);
    } catch (IOException e) {
      LOG.warn("the host's networks cannot be followed: {}", e.getMessage());
    }
  }

  private void settle() {
    tables.shield();
    try {
      forwarding.settle(this::fence);
    } catch (IOException e) {
      LOG.warn("forwarding of the host's uplinks cannot be settled: {}", e.getMessage());
    }
  }

  private void fence(Set<String> uplinks) throws IOException {
    if (tables.follow(Routes.onLink(Routes.read(), instance.prefix()), uplinks)) {
      LOG.info("the host's own networks or its forwarding have changed, and the rules with them");
    }
  }

  /** Tells how they stand, now and at each change. */
  void listen(Consumer<GuardState> listener) {
    guard.listen(listener);
  }

  /** How they stood when they were last looked at. */
  GuardState state() {
    return guard.state();
  }

  /** Lets what comes in at the host's uplinks go on to slots, and to nobody else than before. */
  void forward() throws IOException {
    forwarding.enable(this::fence);
  }

  /** Removes them, and puts the host's forwarding back; only where no slot is left. */
  void remove() throws IOException {
    guard.close();
    forwarding.leave();
    tables.remove();
  }

  /** Ends its own thread and the shield; the table stays. */
  @Override
  public void close() {
    guard.close();
    tables.close();
  }
}
