package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import dev.sandpool.server.session.SessionEntry;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http2.Http2Error;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.core.http.impl.HttpServerConnection;
import io.vertx.core.internal.buffer.BufferInternal;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One request on its way to its sandbox, and the answer on the way back; counted in its session
 * until it is over, however it ends. Used on one event loop only: that of the caller's connection.
 *
 * <p>Bytes are handed over as they come and never gathered: who reads slowly makes the other side
 * stop. Nothing is limited in time while the caller waits for the first byte (G5).
 */
final class Exchange extends InFlight
    implements SandboxLink.Listener, LoopConnections.Waiter, Upload.Watcher {
  private static final Logger log = LoggerFactory.getLogger(Exchange.class);

  /** A request that must not be sent twice takes only a connection that was alive just now. */
  private static final long JUST_USED_NANOS = TimeUnit.SECONDS.toNanos(1);

  private static final long ANY_AGE = Long.MAX_VALUE;

  private static final int MOST_INTERIMS_PASSED = 16;

  /** An application may say for an hour, three times a second, that it is still at work. */
  private static final int MOST_INTERIMS = 10_000;

  /** Bytes of a body up to which a copy is cheaper than to be told when they have been written. */
  private static final int COPIED = 4096;

  /**
   * Bytes that its caller has not taken, at which the sandbox has to stop. Vert.x counts pieces of
   * HTTP/2, of which each may be large.
   */
  private static final int MOST_HELD = 64 * 1024;

  /** For the reset of a stream to go out to a caller who may be slow. */
  private static final int RESET_SECONDS = 30;

  private final Loop loop;
  private final PoolRequest incoming;
  private final SessionEntry<SandboxConnections> entry;
  private final long claimNanos;
  private final Outcome outcome;
  private final HttpServerRequest request;
  private final HttpServerResponse response;
  private @Nullable SandboxLink connection;
  private @Nullable Upload upload;
  private boolean reused;
  private boolean resent;
  private boolean bodySent;
  private boolean answering;
  private boolean keepAlive;
  private boolean upgrading;
  private boolean over;
  private boolean stalled;
  private int interims;
  private int interimsPassed;
  private long startedNanos;
  private long sentNanos;
  private long headNanos;

  /** Who is told when it ends without an answer of the sandbox. */
  interface Outcome {
    /** No connection, nothing sent: the session may be given another sandbox. */
    void unreachable(PoolRequest incoming, SessionEntry<SandboxConnections> entry, Throwable cause);

    /**
     * The connection is gone before the answer was complete: told, later, when it is known whether
     * the sandbox is too.
     */
    void lost(SessionEntry<SandboxConnections> entry, Runnable told);

    /** An answer of ours is due. */
    void problem(PoolRequest incoming, ArmException problem);
  }

  /**
   * @param entry entered already; this exchange leaves it
   * @param claimNanos how long the claim took that allocated it for this request; 0: none did
   */
  Exchange(
      Loop loop,
      PoolRequest incoming,
      SessionEntry<SandboxConnections> entry,
      long claimNanos,
      Outcome outcome) {
    super(
        loop.patienceNanos(incoming.route()),
        loop.load(incoming.route()),
        incoming.route().meters(),
        entry.upstream().on(loop).traffic());
    this.loop = loop;
    this.incoming = incoming;
    this.entry = entry;
    this.claimNanos = claimNanos;
    this.outcome = outcome;
    this.request = incoming.request();
    this.response = request.response();
  }

  /** Sends the request off, on an idle connection or a new one. */
  void start() {
    loop.add(this);
    startedNanos = movedNanos;
    response.closeHandler(gone -> callerGone());
    LoopConnections connections = entry.upstream().on(loop);
    if (overHttp2()) {
      openStream(connections);
      return;
    }
    SandboxConnection idle = connections.takeIdle(isReplayable() ? ANY_AGE : JUST_USED_NANOS);
    if (idle != null) {
      reused = true;
      sentNanos = startedNanos;
      send(idle);
    } else {
      connect(connections);
    }
  }

  /** An upgrade is one of HTTP/1.1, whatever else the sandbox speaks. */
  private boolean overHttp2() {
    return incoming.route().options().http2() && incoming.upgrade() == null;
  }

  private void openStream(LoopConnections connections) {
    if (connections.isFullOfStreams()) {
      busy();
      return;
    }
    holdBody();
    connections.openStream(this);
  }

  private void connect(LoopConnections connections) {
    if (connections.isFull()) {
      busy();
      return;
    }
    holdBody();
    connections.connect(this);
  }

  private void busy() {
    fail(SandboxProblems.busy());
  }

  private void holdBody() {
    if (incoming.headers().hasBody() && !request.isEnded()) {
      request.pause();
    }
  }

  /** Whether it may be sent again when a connection turns out dead before any byte came back. */
  private boolean isReplayable() {
    HttpMethod method = request.method();
    return !incoming.headers().hasBody()
        && incoming.upgrade() == null
        && (method.equals(HttpMethod.GET)
            || method.equals(HttpMethod.HEAD)
            || method.equals(HttpMethod.OPTIONS));
  }

  @Override
  public void connected(SandboxLink fresh) {
    if (over) {
      fresh.unused();
    } else {
      sentNanos = loop.time().nanos();
      send(fresh);
    }
  }

  @Override
  public void notConnected(Throwable cause) {
    if (over) {
      return;
    }
    if (resent) {
      // The sandbox may have acted on it: what another one answers would not be the truth.
      lost();
      return;
    }
    finish(false);
    outcome.unreachable(incoming, entry, cause);
  }

  private void send(SandboxLink to) {
    connection = to;
    if (!resent) {
      traffic.request();
    }
    to.attach(this, request.method().equals(HttpMethod.HEAD));
    boolean whole = !incoming.headers().hasBody();
    to.writeHead(loop.head(), incoming, whole);
    if (whole) {
      bodySent = true;
      return;
    }
    if (incoming.headers().expectsContinue()) {
      response.writeContinue();
    }
    var body = new Upload(request, incoming.headers(), to, this, loop.time());
    upload = body;
    body.begin();
  }

  @Override
  public void moved(int bytes) {
    touch();
    countIn(bytes);
  }

  @Override
  public void sent() {
    bodySent = true;
    touch();
  }

  @Override
  public void writable() {
    Upload body = upload;
    if (body != null && !bodySent) {
      body.resume();
    }
  }

  @Override
  public void informational(HttpResponse head) {
    touch();
    if (++interims > MOST_INTERIMS) {
      malformed(new IllegalStateException("interim answers without end"));
      return;
    }
    // Nothing makes a sandbox stop that sends hints faster than its caller reads them.
    if (Interim.passes(head, request) && ++interimsPassed <= MOST_INTERIMS_PASSED) {
      Interim.pass(head, request);
    }
  }

  @Override
  public void head(HttpResponse head) {
    touch();
    upgrading = head.status().code() == HttpResponseStatus.SWITCHING_PROTOCOLS.code();
    if (upgrading && incoming.upgrade() == null) {
      malformed(new IllegalStateException("101 without being asked for"));
      return;
    }
    answering = true;
    headNanos = movedNanos;
    keepAlive = HttpUtil.isKeepAlive(head);
    ResponseHead.copy(head, response);
    CrossOrigin.replace(browser(), incoming.headers(), response.headers());
    response.headers().set(Names.REQUEST_ID, incoming.id().toString());
  }

  private BrowserRules browser() {
    return incoming.route().options().browser();
  }

  @Override
  public void body(ByteBuf bytes) {
    touch();
    int length = bytes.readableBytes();
    countOut(length);
    if (length <= COPIED) {
      hold(response.write(BufferInternal.safeBuffer(bytes)), length);
    } else {
      // Told at the end of the write in any case, be the caller gone.
      Future<Void> write = response.write(BufferInternal.buffer(bytes));
      write.onComplete(written -> bytes.release());
      hold(write, length);
    }
    SandboxLink from = connection;
    if (from != null && (response.writeQueueFull() || heldBytes >= MOST_HELD)) {
      from.pauseReads();
      response.drainHandler(drained -> from.resumeReads());
    }
  }

  /** What its caller does not take at once waits here for it to do so. */
  private void hold(Future<Void> write, int bytes) {
    if (bytes > 0 && !write.isComplete()) {
      loop.held().hold(this, bytes);
      write.onComplete(taken -> release(bytes));
    }
  }

  private void release(int bytes) {
    loop.held().release(this, bytes);
    SandboxLink from = connection;
    if (from != null && heldBytes == 0) {
      from.resumeReads();
    }
  }

  @Override
  public void readComplete() {
    if (answering
        && !upgrading
        && !response.headWritten()
        && request.version() != HttpVersion.HTTP_1_0) {
      response.writeHead();
    }
  }

  @Override
  public void end(ByteBuf last, HttpHeaders trailers) {
    if (upgrading) {
      last.release();
      upgrade();
      return;
    }
    countOut(last.readableBytes());
    ResponseHead.copyTrailers(trailers, response);
    answered();
    note("answered", null);
    boolean lengthUnknown = request.version() == HttpVersion.HTTP_1_0 && response.headWritten();
    finish(keepAlive && bodySent);
    int length = last.readableBytes();
    if (length > COPIED) {
      Future<Void> write = response.end(BufferInternal.buffer(last));
      write.onComplete(written -> last.release());
      hold(write, length);
    } else if (length > 0) {
      hold(response.end(BufferInternal.safeBuffer(last)), length);
    } else {
      last.release();
      response.end();
    }
    if (lengthUnknown && !response.headers().contains("Content-Length")) {
      loop.connections().end(request.connection());
    } else if (!bodySent && !request.isEnded()) {
      request.resume();
    }
  }

  private void upgrade() {
    CharSequence asked = incoming.upgrade();
    if (!(connection instanceof SandboxConnection from) || asked == null) {
      throw new IllegalStateException("an upgrade that was not asked for");
    }
    connection = null;
    Channel sandbox = from.upgrade();
    Channel caller =
        ((HttpServerConnection) request.connection()).channelHandlerContext().channel();
    // Nothing may come while neither Vert.x nor the relay would hear it.
    caller.config().setAutoRead(false);
    answered();
    note("upgraded", null);
    response.headers().set("Connection", "Upgrade").set("Upgrade", asked.toString());
    String protocol = asked.toString().toLowerCase(Locale.ROOT);
    PoolBounds bounds = incoming.route().options().bounds();
    loop.remove(this);
    loop.connections().upgraded(request.connection());
    RequestBody.unwatch(request);
    over = true;
    if (request.toNetSocket().succeeded()) {
      boolean pingsCount = bounds.pingsKeepAlive() || !protocol.equals("websocket");
      new Relay(this, loop, entry, caller, sandbox, pingsCount).start();
      from.passOn();
    } else {
      caller.close();
      sandbox.close();
      entry.leave(loop.time().nanos());
    }
  }

  @Override
  public void malformed(Throwable cause) {
    log.debug("{} of {} does not speak HTTP: {}", entry.sandbox(), incoming.id(), cause.toString());
    fail(SandboxProblems.notHttp());
  }

  @Override
  public void closed() {
    connection = null;
    if (over) {
      return;
    }
    boolean unanswered = !answering && interims == 0;
    if (reused && unanswered && isReplayable() && !entry.upstream().isClosed()) {
      reused = false;
      resent = true;
      connect(entry.upstream().on(loop));
      return;
    }
    lost();
  }

  /**
   * A server of gRPC says in no other way that a call's deadline has passed, and its caller, whose
   * clock may be later, takes nothing else for it.
   */
  @Override
  public void cancelled() {
    connection = null;
    if (!over && request.version() == HttpVersion.HTTP_2 && (answering || isGrpc())) {
      ArmException lost = whoLeft();
      finish(false);
      meters.refused(lost.status());
      note("cut", lost, loop.time().nanos());
      response.reset(Http2Error.CANCEL.code());
    } else {
      lost();
    }
  }

  private boolean isGrpc() {
    String type = incoming.headers().all().get("content-type");
    return type != null && type.startsWith("application/grpc");
  }

  /** Whoever reads that has to know whether to ask for another sandbox or to look at the code. */
  private void lost() {
    if (over) {
      return;
    }
    finish(false);
    if (response.headWritten()) {
      long cut = loop.time().nanos();
      cut();
      outcome.lost(entry, () -> refuse(whoLeft(), "cut", cut));
    } else {
      outcome.lost(entry, this::refuseLost);
    }
  }

  private void refuseLost() {
    if (response.closed()) {
      meters.left();
      note("left", null);
    } else {
      refuse(whoLeft(), "refused", loop.time().nanos());
    }
  }

  private ArmException whoLeft() {
    return entry.closing() ? SandboxProblems.ended() : SandboxProblems.closedConnection();
  }

  /** An answer of ours if none has begun; otherwise the caller must see that it was cut. */
  private void fail(ArmException problem) {
    if (over) {
      return;
    }
    finish(false);
    boolean begun = response.headWritten();
    refuse(problem, begun ? "cut" : "refused", loop.time().nanos());
    if (begun) {
      cut();
    }
  }

  private void refuse(ArmException problem, String outcome, long now) {
    meters.refused(problem.status());
    note(outcome, problem, now);
    if (!response.headWritten()) {
      response.headers().clear();
      CrossOrigin.begin(browser(), incoming.headers(), response.headers());
      this.outcome.problem(incoming, problem);
    }
  }

  /** One stream of HTTP/2 alone: the caller's others have nothing to do with it. */
  private void cut() {
    if (request.version() == HttpVersion.HTTP_2) {
      response.reset(Http2Error.INTERNAL_ERROR.code());
      loop.connections().endUnlessReset(request, RESET_SECONDS);
    } else {
      loop.connections().end(request.connection());
    }
  }

  private void callerGone() {
    if (!over) {
      finish(false);
      meters.left();
      note("left", null);
    }
  }

  private void answered() {
    meters.answered(response.getStatusCode(), headNanos - incoming.id().arrivedNanos());
  }

  private void note(String outcome, @Nullable ArmException problem) {
    note(outcome, problem, loop.time().nanos());
  }

  private void note(String outcome, @Nullable ArmException problem, long now) {
    RequestNotes notes = loop.notes();
    if (notes != null) {
      notes.offer(
          AccessLine.of(
              incoming,
              outcome,
              problem == null || response.headWritten()
                  ? response.getStatusCode()
                  : problem.status(),
              problem == null ? null : problem.error().code(),
              claimNanos,
              startedNanos,
              sentNanos,
              headNanos,
              now));
    }
  }

  @Override
  void check(long nowNanos) {
    super.check(nowNanos);
    Upload body = upload;
    int slowest = loop.limits().callers().slowestUpload();
    if (body != null && !bodySent && body.isSlowerThan(slowest, nowNanos, patienceNanos())) {
      fail(SandboxProblems.uploadTooSlow(slowest));
    }
  }

  @Override
  boolean mayStall() {
    boolean sending = connection != null && !bodySent;
    return answering || sending;
  }

  @Override
  void cutUnread() {
    if (!over) {
      ArmException unread = SandboxProblems.tooMuchUnread();
      finish(false);
      meters.refused(unread.status());
      note("cut", unread);
    }
    loop.connections().cut(request);
  }

  @Override
  void stalled() {
    stalled = true;
    fail(SandboxProblems.stalled(TimeUnit.NANOSECONDS.toSeconds(patienceNanos())));
  }

  private void touch() {
    long now = loop.time().nanos();
    movedNanos = now;
    entry.touch(now);
  }

  private void finish(boolean reusable) {
    over = true;
    loop.remove(this);
    if (stalled) {
      entry.leaveUnmoved();
    } else {
      entry.leave(loop.time().nanos());
    }
    Upload body = upload;
    upload = null;
    if (body != null) {
      body.leave();
    }
    SandboxLink used = connection;
    connection = null;
    if (used != null) {
      used.detach(reusable);
    }
  }
}
