package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import dev.sandpool.server.ledger.LedgerUnavailableException;
import dev.sandpool.server.session.Allocation;
import dev.sandpool.server.session.SessionEntry;
import dev.sandpool.server.session.Sessions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings a request to its session: a known one at once, another by an allocation on a virtual
 * thread, while the request waits.
 */
final class Admission implements Exchange.Outcome {
  private static final Logger log = LoggerFactory.getLogger(Admission.class);
  private static final int CLAIMS = 3;
  private static final int RETRY_FULL_SECONDS = 5;
  private static final int RETRY_SECONDS = 1;

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
    if (entry != null && entry.enter(loop.time().nanos())) {
      new Exchange(loop, incoming, entry, this).start();
    } else {
      allocate(incoming, null);
    }
  }

  /** Waits elsewhere for a sandbox; one that serves nobody is retired before. */
  private void allocate(PoolRequest incoming, @Nullable SessionEntry<SandboxConnections> useless) {
    if (incoming.headers().hasBody()) {
      incoming.request().pause();
    }
    Thread.ofVirtual().name("allocate").start(() -> allocateBlocking(incoming, useless));
  }

  private void allocateBlocking(
      PoolRequest incoming, @Nullable SessionEntry<SandboxConnections> useless) {
    try {
      if (useless != null) {
        sessions.retire(useless, "refused its first connection");
      }
      Allocation<SandboxConnections> result = sessions.allocate(incoming.key(), left(incoming));
      if (result instanceof Allocation.Held<SandboxConnections> held && held.fresh()) {
        held.entry().upstream().markJustClaimed();
      }
      loop.run(() -> settle(incoming, result));
    } catch (LedgerUnavailableException e) {
      refuse(incoming, 503, "LedgerUnavailable", "No new session can be recorded now.");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      refuse(incoming, 503, "ServerStopping", "The server is stopping.");
    } catch (RuntimeException e) {
      log.error(
          "request {} found no session in pool {}", incoming.id(), incoming.route().name(), e);
      refuse(incoming, 500, "InternalServerError", "The session could not be allocated.");
    }
  }

  private Duration left(PoolRequest incoming) {
    long waited = loop.time().nanos() - incoming.arrivedNanos();
    return Duration.ofNanos(Math.max(0, loop.limits().allocation().toNanos() - waited));
  }

  private void refuse(PoolRequest incoming, int status, String code, String message) {
    loop.run(() -> retryLater(incoming, status, code, message, RETRY_SECONDS));
  }

  private void settle(PoolRequest incoming, Allocation<SandboxConnections> result) {
    switch (result) {
      case Allocation.Held<SandboxConnections> held -> forward(incoming, held);
      case Allocation.Full<SandboxConnections> full ->
          retryLater(
              incoming,
              429,
              "SessionPoolFull",
              "Session pool '"
                  + incoming.route().name()
                  + "' has as many sessions as it may have: "
                  + full.maxSessions()
                  + ".",
              RETRY_FULL_SECONDS);
      case Allocation.NoneReady<SandboxConnections> none ->
          retryLater(
              incoming,
              503,
              "NoSandboxReady",
              "No sandbox of session pool '"
                  + incoming.route().name()
                  + "' became ready in time: "
                  + none.why(),
              RETRY_SECONDS);
      case Allocation.NoPool<SandboxConnections> ignored -> problem(incoming, Routing.noSuchPool());
    }
  }

  private void forward(PoolRequest incoming, Allocation.Held<SandboxConnections> held) {
    if (incoming.request().response().closed()) {
      return;
    }
    if (held.fresh()) {
      incoming.request().response().putHeader(Names.ALLOCATION_TIME, milliseconds(held.nanos()));
    }
    if (held.entry().enter(loop.time().nanos())) {
      new Exchange(loop, incoming, held.entry(), this).start();
    } else {
      allocate(incoming, null);
    }
  }

  private static String milliseconds(long nanos) {
    long micros = TimeUnit.NANOSECONDS.toMicros(nanos);
    String fraction = Long.toString(1000 + micros % 1000).substring(1);
    return micros / 1000 + "." + fraction;
  }

  private void retryLater(
      PoolRequest incoming, int status, String code, String message, int seconds) {
    var problem = new ArmException(status, code, message);
    problems.sendRetry(incoming.request(), incoming.id(), problem, seconds);
  }

  @Override
  public void unreachable(
      PoolRequest incoming, SessionEntry<SandboxConnections> entry, Throwable cause) {
    boolean replace = entry.closing() || entry.upstream().isUnproven();
    if (replace && incoming.claims() + 1 < CLAIMS && !left(incoming).isZero()) {
      log.debug("sandbox {} refuses its first connection: {}", entry.sandbox(), cause.toString());
      allocate(incoming.withAnotherClaim(), entry);
      return;
    }
    problem(
        incoming, new ArmException(502, "SandboxUnreachable", "The sandbox takes no connections."));
  }

  @Override
  public void problem(PoolRequest incoming, ArmException problem) {
    problems.send(incoming.request(), incoming.id(), problem);
  }
}
