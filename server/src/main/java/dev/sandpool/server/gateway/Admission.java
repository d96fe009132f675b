package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import dev.sandpool.server.ledger.LedgerUnavailableException;
import dev.sandpool.server.metrics.PoolMeters;
import dev.sandpool.server.session.Allocation;
import dev.sandpool.server.session.Applicant;
import dev.sandpool.server.session.Presence;
import dev.sandpool.server.session.Rate;
import dev.sandpool.server.session.SessionEntry;
import dev.sandpool.server.session.Sessions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a request to its session: a known one at once, another when it is allocated, while the
 * request waits.
 */
final class Admission implements Exchange.Outcome {
  private static final Logger log = LoggerFactory.getLogger(Admission.class);

  private static final int CLAIMS = 3;
  private static final int RETRY_SECONDS = 1;

  /** Sessions may be stopped at any time, so nobody is told to stay away for longer. */
  private static final int LONGEST_RETRY_SECONDS = 60;

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final Loop loop;
  private final Sessions<SandboxConnections> sessions;
  private final Problems problems;

  Admission(Loop loop, Sessions<SandboxConnections> sessions, Problems problems) {
    this.loop = loop;
    this.sessions = sessions;
    this.problems = problems;
  }

  /** Forwards the request, now or when there is a sandbox for it. */
  void admit(PoolRequest incoming) {
    if (incoming.request().response().closed()) {
      return; // Left while its token was examined: nobody would be told when it ends.
    }
    SessionEntry<SandboxConnections> entry = sessions.find(incoming.key());
    OnlySandbox only = incoming.only();
    if (only != null && !only.is(entry)) {
      turnAway(incoming, only.ended().get());
      return;
    }
    PoolPlace place = loop.connections().place(incoming.request().connection());
    if (place != null && !place.moveTo(incoming.route())) {
      refuseConnection(incoming, place);
      return;
    }
    PoolBounds bounds = incoming.route().options().bounds();
    if (bounds.requestsInFlight() > 0 && isBusy(incoming, bounds)) {
      return;
    }
    if (entry != null) {
      if (bounds.requestsPerSecond() > 0 && isTooOften(incoming, entry, bounds)) {
        return;
      }
      if (entry.enter(loop.time().nanos())) {
        new Exchange(loop, incoming, entry, 0, this).start();
        return;
      }
    }
    if (only != null) {
      turnAway(incoming, only.ended().get());
      return;
    }
    allocateAnew(incoming);
  }

  private void turnAway(PoolRequest incoming, ArmException problem) {
    refused(incoming, problem);
    problem(incoming, problem);
  }

  /** One that is another pool's keeps its place there; one that is nobody's has none to keep. */
  private void refuseConnection(PoolRequest incoming, PoolPlace place) {
    PoolRoute route = incoming.route();
    ArmException busy = AdmissionProblems.tooManyConnections(route, loop.mostConnections(route));
    if (place.isTaken()) {
      retryLater(incoming, busy, RETRY_SECONDS);
    } else {
      refused(incoming, busy);
      problems.sendLast(incoming.request(), incoming.id(), busy, RETRY_SECONDS);
    }
  }

  private boolean isBusy(PoolRequest incoming, PoolBounds bounds) {
    AtomicInteger load = loop.load(incoming.route());
    if (load == null || load.get() < bounds.requestsInFlight()) {
      return false;
    }
    ArmException busy =
        AdmissionProblems.tooManyRequests(incoming.route(), bounds.requestsInFlight());
    retryLater(incoming, busy, RETRY_SECONDS);
    return true;
  }

  private boolean isTooOften(
      PoolRequest incoming, SessionEntry<SandboxConnections> entry, PoolBounds bounds) {
    long now = loop.time().nanos();
    long wait = entry.upstream().requests(now).take(now, bounds.requestsPerSecond(), SECOND);
    if (wait == 0) {
      return false;
    }
    ArmException often = AdmissionProblems.tooOften(bounds.requestsPerSecond());
    retryLater(incoming, often, Rate.seconds(wait));
    return true;
  }

  /** Who comes while a sandbox is being sought for the same identifier costs no further one. */
  private void allocateAnew(PoolRequest incoming) {
    long pause = sessions.crashPause(incoming.key());
    if (pause > 0) {
      retryLater(incoming, AdmissionProblems.crashing(), Rate.seconds(pause));
      return;
    }
    boolean counted = !isSought(incoming);
    long wait = counted ? loop.allocations().take(incoming) : 0;
    // Another loop may have begun to seek for the same identifier meanwhile.
    counted = wait == 0 && counted;
    if (wait > 0 && !isSought(incoming)) {
      int many = loop.allocations().many(incoming.route());
      ArmException often = AdmissionProblems.tooManyAllocations(many);
      retryLater(incoming, often, Rate.seconds(wait));
      return;
    }
    holdBody(incoming);
    ask(new Asked(incoming, counted));
  }

  /** Asked in this order: a session is known before it is no longer under way. */
  private boolean isSought(PoolRequest incoming) {
    return sessions.isUnderWay(incoming.key()) || sessions.find(incoming.key()) != null;
  }

  /**
   * Asks for a sandbox. Where only the ledger must be waited for, this loop is told by the ledger's
   * own thread: each further thread in between would have to be woken first.
   */
  private void allocate(PoolRequest incoming) {
    holdBody(incoming);
    ask(new Asked(incoming, false));
  }

  private void ask(Asked asked) {
    sessions.allocate(asked.incoming.key(), asked);
  }

  /** The sandbox that serves nobody is retired, and another asked for. */
  private void replace(PoolRequest incoming, SessionEntry<SandboxConnections> useless) {
    holdBody(incoming);
    var asked = new Asked(incoming, false);
    asked.elsewhere(() -> sessions.retire(useless, "refused its first connection"));
  }

  /** A container that has just ended refuses before anybody knows of its end. */
  private void awaitEnd(PoolRequest incoming, SessionEntry<SandboxConnections> refusing) {
    holdBody(incoming);
    var asked = new Asked(incoming, false);
    asked.elsewhere(() -> sessions.awaitEnd(refusing));
  }

  private static void holdBody(PoolRequest incoming) {
    if (incoming.headers().hasBody()) {
      incoming.request().pause();
    }
  }

  /** A request for whose session somebody was asked. */
  private final class Asked implements Applicant<SandboxConnections> {
    private final PoolRequest incoming;
    private final long since;
    private final boolean counted;
    private final Presence caller = new Presence();
    private volatile boolean waited;

    /**
     * @param counted whether it took one of what its principal may have
     */
    Asked(PoolRequest incoming, boolean counted) {
      this.incoming = incoming;
      this.since = loop.time().nanos();
      this.counted = counted;
      incoming.request().response().closeHandler(gone -> caller.leave());
    }

    @Override
    public void settled(Allocation<SandboxConnections> result) {
      if (result instanceof Allocation.Held<SandboxConnections> held && held.fresh()) {
        held.entry().upstream().markJustClaimed();
        loop.trail().allocated(incoming, held.entry());
      } else if (counted) {
        loop.allocations().giveBack(incoming);
      }
      switch (result) {
        case Allocation.Full<SandboxConnections> full ->
            later(() -> sessions.vacancy(incoming.key().pool()), full);
        case Allocation.NoneReady<SandboxConnections> none ->
            later(() -> sessions.readyPause(incoming.key().pool()), none);
        default -> settleSoon(result, RETRY_SECONDS);
      }
    }

    private void settleSoon(Allocation<SandboxConnections> result, int retrySeconds) {
      var asking = new Asking(since, waited);
      loop.run(() -> settle(incoming, result, asking, retrySeconds));
    }

    /** When to come back is found out where others do not wait for it. */
    private void later(Supplier<Duration> wait, Allocation<SandboxConnections> result) {
      Thread.ofVirtual()
          .name("refuse")
          .start(
              () -> {
                int seconds = retrySeconds(wait);
                settleSoon(result, seconds);
              });
    }

    @Override
    public void mustWait() {
      elsewhere(() -> {});
    }

    @Override
    public void failed(RuntimeException cause) {
      if (counted) {
        loop.allocations().giveBack(incoming);
      }
      loop.run(() -> refuse(incoming, cause));
    }

    /** Waits on a thread that may block. */
    void elsewhere(Before before) {
      Thread.ofVirtual().name("allocate").start(() -> wait(before));
    }

    private void wait(Before before) {
      waited = true;
      try {
        before.run();
        long begin = loop.time().nanos();
        var result = sessions.allocate(incoming.key(), left(incoming), caller);
        incoming.route().meters().waited(loop.time().nanos() - begin);
        settled(result);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        loop.run(() -> retryLater(incoming, AdmissionProblems.stopping(), RETRY_SECONDS));
      } catch (RuntimeException e) {
        failed(e);
      }
    }
  }

  /**
   * How a session was asked for.
   *
   * @param since when, on the monotonic clock
   * @param waited whether more than the ledger was waited for
   */
  private record Asking(long since, boolean waited) {}

  /** What is done before a session is waited for. */
  private interface Before {
    void run() throws InterruptedException;
  }

  private void refuse(PoolRequest incoming, RuntimeException cause) {
    if (cause instanceof LedgerUnavailableException) {
      retryLater(incoming, AdmissionProblems.ledgerUnavailable(), RETRY_SECONDS);
      return;
    }
    log.error(
        "request {} found no session in pool {}", incoming.id(), incoming.route().name(), cause);
    retryLater(incoming, AdmissionProblems.failed(), RETRY_SECONDS);
  }

  private Duration left(PoolRequest incoming) {
    long waited = loop.time().nanos() - incoming.knownNanos();
    return Duration.ofNanos(Math.max(0, loop.limits().allocation().toNanos() - waited));
  }

  /** When to come again, in seconds for {@code Retry-After}; asks the ledger, so it may block. */
  static int retrySeconds(Supplier<Duration> wait) {
    try {
      return Math.min(LONGEST_RETRY_SECONDS, Rate.seconds(wait.get().toNanos()));
    } catch (LedgerUnavailableException e) {
      return RETRY_SECONDS; // Nobody knows; the refusal itself is true.
    }
  }

  private void settle(
      PoolRequest incoming,
      Allocation<SandboxConnections> result,
      Asking asking,
      int retrySeconds) {
    PoolMeters meters = incoming.route().meters();
    switch (result) {
      case Allocation.Held<SandboxConnections> held -> forward(incoming, held, asking);
      case Allocation.Full<SandboxConnections> full -> {
        meters.notAllocated(PoolMeters.Claim.FULL);
        ArmException problem = AdmissionProblems.full(incoming.route(), full.maxSessions());
        retryLater(incoming, problem, retrySeconds);
      }
      case Allocation.NoneReady<SandboxConnections> none -> {
        meters.notAllocated(PoolMeters.Claim.NONE_READY);
        ArmException problem = AdmissionProblems.noneReady(incoming.route(), none.why());
        retryLater(incoming, problem, retrySeconds);
      }
      case Allocation.Left<SandboxConnections> ignored -> meters.left();
      case Allocation.NoPool<SandboxConnections> ignored -> {
        turnAway(incoming, Routing.noSuchPool());
      }
    }
  }

  private void forward(
      PoolRequest incoming, Allocation.Held<SandboxConnections> held, Asking asking) {
    long now = loop.time().nanos();
    long took = now - asking.since();
    if (held.fresh()) {
      incoming.route().meters().allocated(took, asking.waited());
    }
    if (incoming.request().response().closed()) {
      incoming.route().meters().left();
      return; // The session stays the identifier's, until it has idled.
    }
    if (held.fresh()) {
      incoming.request().response().putHeader(Names.ALLOCATION_TIME, milliseconds(took));
    }
    if (held.entry().enter(now)) {
      new Exchange(loop, incoming, held.entry(), held.claimNanos(), this).start();
    } else {
      allocate(incoming);
    }
  }

  private static String milliseconds(long nanos) {
    long micros = TimeUnit.NANOSECONDS.toMicros(nanos);
    String fraction = Long.toString(1000 + micros % 1000).substring(1);
    return micros / 1000 + "." + fraction;
  }

  private void retryLater(PoolRequest incoming, ArmException problem, int seconds) {
    refused(incoming, problem);
    problems.sendRetry(incoming.request(), incoming.id(), problem, seconds);
  }

  @Override
  public void unreachable(
      PoolRequest incoming, SessionEntry<SandboxConnections> entry, Throwable cause) {
    // What is for one sandbox must not lead to another.
    boolean again = incoming.only() == null && incoming.claims() + 1 < CLAIMS;
    if (again && !left(incoming).isZero()) {
      log.debug("sandbox {} refuses a connection: {}", entry.sandbox(), cause.toString());
      PoolRequest next = incoming.withAnotherClaim();
      if (entry.closing() || entry.upstream().isUnproven()) {
        replace(next, entry);
      } else {
        awaitEnd(next, entry);
      }
      return;
    }
    OnlySandbox only = incoming.only();
    if (only == null) {
      turnAway(incoming, SandboxProblems.unreachable());
      return;
    }
    holdBody(incoming);
    Runnable told =
        () ->
            turnAway(
                incoming, entry.closing() ? only.ended().get() : SandboxProblems.unreachable());
    lost(entry, told);
  }

  @Override
  public void lost(SessionEntry<SandboxConnections> entry, Runnable told) {
    if (entry.closing()) {
      told.run();
      return;
    }
    Thread.ofVirtual()
        .name("lost")
        .start(
            () -> {
              try {
                sessions.awaitEnd(entry);
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
              loop.run(told);
            });
  }

  private void refused(PoolRequest incoming, ArmException problem) {
    incoming.route().meters().refused(problem.status());
    RequestNotes notes = loop.notes();
    if (notes != null) {
      notes.offer(AccessLine.refused(incoming, problem, loop.time().nanos()));
    }
  }

  @Override
  public void problem(PoolRequest incoming, ArmException problem) {
    problems.send(incoming.request(), incoming.id(), problem);
  }
}
