package dev.sandpool.server.network;

import dev.sandpool.server.linux.NetlinkMessage;
import dev.sandpool.server.linux.NetlinkSocket;
import dev.sandpool.server.linux.Syscalls;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What notices that somebody has removed or altered the packet rules, and puts them back: the
 * kernel tells of each change of rules, and in case it cannot, they are read every 30 s. The host's
 * own networks are looked at every 5 s. All of it takes less than 0.1 % of a core.
 *
 * <p>It goes on whatever fails. While it cannot look, the rules count as not in force.
 */
final class RuleGuard implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RuleGuard.class);
  private static final int NFTABLES_GROUP = 7;
  private static final int NFTABLES_SUBSYSTEM = 10;
  private static final int FAMILY_HEADER = 4;
  private static final int TABLE_NAME = 1;
  private static final GuardState STANDING = new GuardState(true, "the packet rules are in force");
  private static final GuardState ENDED =
      new GuardState(false, "the packet rules are no longer guarded");

  private final Rules rules;
  private final Pace pace;
  private NetlinkSocket events;
  private long rulesRead;
  private long networksRead;
  private GuardState state = STANDING;
  private boolean heard = true;

  /** Held from a change until it has been told: else who comes meanwhile hears them in turn. */
  private final Object telling = new Object();

  private Optional<Consumer<GuardState>> listener = Optional.empty();
  private boolean started;
  private volatile boolean closed;

  /** What is guarded. */
  interface Rules {
    /** The tables that others can change. */
    List<String> names();

    /** What is wrong with them; empty if they stand as they were made. */
    Optional<String> wrong();

    /** Puts them in force, in place of what there is of them. */
    void install() throws IOException;
  }

  /**
   * How often it looks.
   *
   * @param tick longest wait for the kernel's word
   * @param soon between looks at the host's networks
   * @param later between looks at rules that nobody has touched
   */
  record Pace(Duration tick, Duration soon, Duration later) {
    static final Pace USUAL =
        new Pace(Duration.ofSeconds(1), Duration.ofSeconds(5), Duration.ofSeconds(30));
  }

  /**
   * What else is to be looked at.
   *
   * @param soon every 5 s
   * @param later every 30 s
   */
  record Chores(Runnable soon, Runnable later) {}

  private RuleGuard(Rules rules, Pace pace, NetlinkSocket events) {
    this.rules = rules;
    this.pace = pace;
    this.events = events;
  }

  /** A guard that hears of changes from now on and does nothing about them until it is started. */
  static RuleGuard of(Rules rules, Pace pace) throws IOException {
    return new RuleGuard(rules, pace, hearing(pace));
  }

  private static NetlinkSocket hearing(Pace pace) throws IOException {
    NetlinkSocket events = NetlinkSocket.open(NetlinkSocket.NETFILTER);
    try {
      events.join(NFTABLES_GROUP);
      events.timeout(pace.tick());
      return events;
    } catch (IOException e) {
      events.close();
      throw e;
    }
  }

  /** Begins to guard rules that are in force. */
  void start(Chores chores) {
    synchronized (this) {
      started = true;
    }
    rulesRead = System.nanoTime();
    networksRead = rulesRead;
    Thread.ofPlatform().name("network-guard").daemon().start(() -> watch(chores));
  }

  /** Tells how the rules stand, now and at each change. */
  void listen(Consumer<GuardState> newListener) {
    synchronized (telling) {
      GuardState now;
      synchronized (this) {
        listener = Optional.of(newListener);
        now = state;
      }
      newListener.accept(now);
    }
  }

  /** How the rules stood when they were last looked at. */
  synchronized GuardState state() {
    return state;
  }

  private void watch(Chores chores) {
    try {
      while (!closed) {
        try {
          look(chores);
        } catch (IOException | RuntimeException e) {
          recover(e);
        }
      }
    } finally {
      // Unless it was closed, something has ended this thread that no program goes on after.
      set(ENDED);
      events.close();
    }
  }

  private void look(Chores chores) throws IOException {
    boolean touched = changed();
    long now = System.nanoTime();
    boolean late = now - rulesRead > pace.later().toNanos();
    if (touched || late || !state().inForce()) {
      check();
    }
    set(state());
    if (late && !closed) {
      rulesRead = now;
      attend(chores.later);
    }
    if (now - networksRead > pace.soon().toNanos() && !closed) {
      networksRead = now;
      attend(chores.soon);
    }
  }

  private static void attend(Runnable chore) {
    try {
      chore.run();
    } catch (RuntimeException e) {
      LOG.error("the host's networks could not be looked after, trying again", e);
    }
  }

  /** Lets nothing new happen behind rules that nobody looks at, and looks again. */
  private void recover(Exception failure) {
    var next = new GuardState(false, "the packet rules cannot be looked at: " + failure);
    if (!state().equals(next)) {
      LOG.error("the packet rules cannot be looked at, trying again", failure);
    }
    set(next);
    LockSupport.parkNanos(pace.tick().toNanos());
    try {
      NetlinkSocket fresh = hearing(pace);
      events.close();
      events = fresh;
    } catch (IOException e) {
      LOG.debug("changes of packet rules cannot be heard of yet", e);
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
    return rules.names().stream().anyMatch(name -> concerns(messages, name));
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
    Optional<String> wrong = rules.wrong();
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
      rules.install();
      set(STANDING);
    } catch (IOException e) {
      LOG.error("the packet rules cannot be put back, trying again", e);
    }
  }

  private void set(GuardState next) {
    synchronized (telling) {
      tell(next);
    }
  }

  private void tell(GuardState next) {
    Optional<Consumer<GuardState>> receiver;
    synchronized (this) {
      if (closed || (heard && state.equals(next))) {
        return;
      }
      state = next;
      heard = false;
      receiver = listener;
    }
    try {
      receiver.ifPresent(told -> told.accept(next));
      synchronized (this) {
        heard = true;
      }
    } catch (RuntimeException e) {
      LOG.error("nobody has heard that {}, telling it again", next.detail(), e);
    }
  }

  /** Returns at once; its thread ends within a second and does nothing any more. */
  @Override
  public void close() {
    synchronized (this) {
      if (!closed && !started) {
        events.close();
      }
      closed = true;
      state = ENDED;
    }
  }
}
