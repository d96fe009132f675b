package dev.sandpool.server.metrics;

import java.util.concurrent.atomic.LongAdder;

/**
 * What is counted of one pool. Made once, and kept in a field by whoever counts; what is called on
 * the way of a request only adds to striped counters.
 */
public final class PoolMeters {
  /** Classes of answers by their first digit, {@code 1xx} to {@code 5xx}. */
  static final int CLASSES = 5;

  /** Of 2xx. */
  static final int SUCCESS = 1;

  private final LongAdder[] answered = adders(CLASSES);
  private final LongAdder[] refused = adders(CLASSES);
  private final LongAdder left = new LongAdder();
  private final LongAdder begun = new LongAdder();
  private final LongAdder ended = new LongAdder();
  private final LongAdder connected = new LongAdder();
  private final LongAdder disconnected = new LongAdder();
  private final LongAdder bytesIn = new LongAdder();
  private final LongAdder bytesOut = new LongAdder();
  private final Tally<Claim> claims = new Tally<>(Claim.class);
  private final LongAdder coldStarts = new LongAdder();
  private final Tally<Start> starts = new Tally<>(Start.class);
  private final Tally<ProbeKind> probeFailures = new Tally<>(ProbeKind.class);
  private final Latency[] firstByte = latencies(CLASSES);
  private final Latency allocation = new Latency(Latency.ALLOCATIONS);
  private final Latency queueWait = new Latency(Latency.ALLOCATIONS);
  private final Latency refill = new Latency(Latency.STARTS);
  private final History history;
  private volatile PoolStanding standing = PoolStanding.NONE;
  private volatile int maxSessions;
  private volatile int readyWanted;

  /** What came of asking the ledger for a sandbox. */
  public enum Claim {
    /** A session began. */
    CLAIMED,
    /** The pool had as many sessions as it may have. */
    FULL,
    /** Nothing became ready in time. */
    NONE_READY
  }

  /** What came of starting a sandbox. */
  public enum Start {
    READY,
    FAILED
  }

  /** Which probe it was. */
  public enum ProbeKind {
    STARTUP,
    LIVENESS
  }

  /** Meters that nobody reads. */
  public PoolMeters() {
    this(1);
  }

  PoolMeters(int minutesKept) {
    this.history = new History(minutesKept);
  }

  private static LongAdder[] adders(int count) {
    var adders = new LongAdder[count];
    for (int i = 0; i < count; i++) {
      adders[i] = new LongAdder();
    }
    return adders;
  }

  private static Latency[] latencies(int count) {
    var latencies = new Latency[count];
    for (int i = 0; i < count; i++) {
      latencies[i] = new Latency(Latency.ANSWERS);
    }
    return latencies;
  }

  // --- on the way of a request -----------------------------------------------------------------

  /** A request is on its way to its sandbox. */
  public void begun() {
    begun.increment();
  }

  /** It is no more, however it ended. */
  public void ended() {
    ended.increment();
  }

  /** A caller's connection has become one to this pool. */
  public void connected() {
    connected.increment();
  }

  /** It is one to this pool no more. */
  public void disconnected() {
    disconnected.increment();
  }

  /**
   * The sandbox has answered.
   *
   * @param firstByteNanos from the request's arrival to the head of the answer
   */
  public void answered(int status, long firstByteNanos) {
    int index = classOf(status);
    answered[index].increment();
    firstByte[index].record(firstByteNanos);
  }

  /** The answer was ours, or the sandbox's was cut. */
  public void refused(int status) {
    refused[classOf(status)].increment();
  }

  /** The caller has left before the end. */
  public void left() {
    left.increment();
  }

  /** From the caller to the sandbox: bodies, and what upgraded connections say. */
  public void bytesIn(long bytes) {
    bytesIn.add(bytes);
  }

  /** From the sandbox to the caller. */
  public void bytesOut(long bytes) {
    bytesOut.add(bytes);
  }

  private static int classOf(int status) {
    return Math.clamp(status / 100 - 1, 0, CLASSES - 1);
  }

  // --- sessions --------------------------------------------------------------------------------

  /**
   * A request has been given a sandbox.
   *
   * @param nanos from its asking
   * @param cold whether none was ready when it asked
   */
  public void allocated(long nanos, boolean cold) {
    claims.count(Claim.CLAIMED);
    allocation.record(nanos);
    if (cold) {
      coldStarts.increment();
    }
  }

  /** A request has been given none. */
  public void notAllocated(Claim why) {
    claims.count(why);
  }

  /** A request has waited in line, whatever came of it. */
  public void waited(long nanos) {
    queueWait.record(nanos);
  }

  // --- sandboxes -------------------------------------------------------------------------------

  /** A sandbox has come up, or has not. */
  public void started(Start outcome) {
    starts.count(outcome);
  }

  /** A probe has failed once. */
  public void probeFailed(ProbeKind kind) {
    probeFailures.count(kind);
  }

  /**
   * The pool has as many ready sandboxes again as it wants.
   *
   * @param nanos since one was missing
   */
  public void refilled(long nanos) {
    refill.record(nanos);
  }

  /** What the pool asks for. */
  public void wants(int maxSessions, int ready) {
    this.maxSessions = maxSessions;
    this.readyWanted = ready;
  }

  void stands(PoolStanding now, long epochMinute) {
    standing = now;
    history.add(epochMinute, now);
  }

  void stands(PoolStanding now) {
    standing = now;
  }

  // --- reading ---------------------------------------------------------------------------------

  /** Of the last minutes. */
  public History history() {
    return history;
  }

  PoolStanding standing() {
    return standing;
  }

  int maxSessions() {
    return maxSessions;
  }

  int readyWanted() {
    return readyWanted;
  }

  long inFlight() {
    // In this order: an end that comes in between must not make it less than nothing.
    long over = ended.sum();
    return Math.max(0, begun.sum() - over);
  }

  long connections() {
    long gone = disconnected.sum();
    return Math.max(0, connected.sum() - gone);
  }

  long answeredIn(int index) {
    return answered[index].sum();
  }

  long refusedIn(int index) {
    return refused[index].sum();
  }

  long leftEarly() {
    return left.sum();
  }

  long bytesIn() {
    return bytesIn.sum();
  }

  long bytesOut() {
    return bytesOut.sum();
  }

  long claims(Claim outcome) {
    return claims.of(outcome);
  }

  long coldStarts() {
    return coldStarts.sum();
  }

  long starts(Start outcome) {
    return starts.of(outcome);
  }

  long probeFailures(ProbeKind kind) {
    return probeFailures.of(kind);
  }

  Latency firstByteOf(int index) {
    return firstByte[index];
  }

  Latency allocation() {
    return allocation;
  }

  Latency queueWait() {
    return queueWait;
  }

  Latency refill() {
    return refill;
  }
}
