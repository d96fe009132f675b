package dev.sandpool.server.network;

import dev.sandpool.server.linux.NetlinkMessage;
import dev.sandpool.server.linux.NetlinkSocket;
import dev.sandpool.server.linux.Syscalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What notices that somebody has removed or altered the packet rules, and puts them back: the
 * kernel tells of each change of rules, and in case it cannot, they are read every 30 s. The host's
 * own networks are looked at every 5 s. All of it takes less than 0.1 % of a core.
 */
final class RuleGuard implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RuleGuard.class);
  private static final int NFTABLES_GROUP = 7;
  private static final int NFTABLES_SUBSYSTEM = 10;
  private static final int FAMILY_HEADER = 4;
  private static final int TABLE_NAME = 1;
  private static final Duration TICK = Duration.ofSeconds(1);
  private static final Duration LOOK_AT_NETWORKS = Duration.ofSeconds(5);
  private static final Duration LOOK_AT_RULES = Duration.ofSeconds(30);
  private static final GuardState STANDING = new GuardState(true, "the packet rules are in force");

  private final RuleTables tables;
  private final NetlinkSocket events;
  private GuardState state = STANDING;
  private Optional<Consumer<GuardState>> listener = Optional.empty();
  private volatile boolean closed;

  /**
   * What else is to be looked at.
   *
   * @param soon every 5 s
   * @param later every 30 s
   */
  record Chores(Runnable soon, Runnable later) {}

  private RuleGuard(RuleTables tables, NetlinkSocket events) {
    this.tables = tables;
    this.events = events;
  }

  /** A guard that hears of changes from now on and does nothing about them until it is started. */
  static RuleGuard of(RuleTables tables) throws IOException {
    NetlinkSocket events = NetlinkSocket.open(NetlinkSocket.NETFILTER);
    try {
      events.join(NFTABLES_GROUP);
      events.timeout(TICK);
    } catch (IOException e) {
      events.close();
      throw e;
    }
    return new RuleGuard(tables, events);
  }

  /** Begins to guard rules that are in force. */
  void start(Chores chores) {
    Thread.ofPlatform().name("network-guard").daemon().start(() -> watch(chores));
  }

  /** Tells how the rules stand, now and at each change. */
  void listen(Consumer<GuardState> newListener) {
    GuardState now;
    synchronized (this) {
      listener = Optional.of(newListener);
      now = state;
    }
    newListener.accept(now);
  }

  /** How the rules stood when they were last looked at. */
  synchronized GuardState state() {
    return state;
  }

  private void watch(Chores chores) {
    long rulesRead = System.nanoTime();
    long networksRead = rulesRead;
    try {
      while (!closed) {
        boolean touched = changed();
        long now = System.nanoTime();
        boolean late = now - rulesRead > LOOK_AT_RULES.toNanos();
        if (touched || late || !state().inForce()) {
          check();
        }
        if (late && !closed) {
          chores.later.run();
          rulesRead = now;
        }
        if (now - networksRead > LOOK_AT_NETWORKS.toNanos() && !closed) {
          chores.soon.run();
          networksRead = now;
        }
      }
    } catch (IOException | RuntimeException e) {
      LOG.error("the packet rules are no longer guarded", e);
      set(new GuardState(false, "the packet rules are no longer guarded: " + e.getMessage()));
    } finally {
      events.close();
    }
  }

  /** Waits for one tick at most; whether our table was touched, as far as anybody can tell. */
  private boolean changed() throws IOException {
    try {
      return events.receive().map(this::concernsUs).orElse(false);
    } catch (Syscalls.SyscallException e) {
      if (e.errno() == NetlinkSocket.ENOBUFS) {
        return true;
      }
      throw e;
    }
  }

  private boolean concernsUs(ByteBuffer messages) {
    return tables.names().stream().anyMatch(name -> concerns(messages, name));
  }

  /** Whether one of the kernel's messages is about something in the table of that name. */
  static boolean concerns(ByteBuffer messages, String table) {
    byte[] name = (table + '\0').getBytes(StandardCharsets.US_ASCII);
    int at = messages.position();
    while (at + NetlinkMessage.HEADER <= messages.limit()) {
      int length = messages.getInt(at);
      int attribute = at + NetlinkMessage.HEADER + FAMILY_HEADER;
      if (messages.getShort(at + 4) >> 8 == NFTABLES_SUBSYSTEM
          && attribute + 4 + name.length <= at + length
          && messages.getShort(attribute + 2) == TABLE_NAME
          && messages.getShort(attribute) == 4 + name.length) {
        byte[] found = new byte[name.length];
        messages.get(attribute + 4, found);
        if (Arrays.equals(found, name)) {
          return true;
        }
      }
      at += Math.max(length + 3 & ~3, NetlinkMessage.HEADER);
    }
    return false;
  }

  private void check() {
    Optional<String> wrong = tables.wrong();
    if (closed) {
      return;
    }
    if (wrong.isEmpty()) {
      set(STANDING);
      return;
    }
    LOG.warn("{}; putting them back", wrong.get());
    set(new GuardState(false, wrong.get()));
    try {
      tables.install();
      set(STANDING);
    } catch (IOException e) {
      LOG.error("the packet rules cannot be put back, trying again", e);
    }
  }

  private void set(GuardState next) {
    Optional<Consumer<GuardState>> receiver;
    synchronized (this) {
      if (state.equals(next) || closed) {
        return;
      }
      state = next;
      receiver = listener;
    }
    receiver.ifPresent(told -> told.accept(next));
  }

  /** Returns at once; its thread ends within a second and does nothing any more. */
  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      state = new GuardState(false, "the packet rules are no longer guarded");
    }
  }
}
