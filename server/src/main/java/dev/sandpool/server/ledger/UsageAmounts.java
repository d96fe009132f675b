package dev.sandpool.server.ledger;

/**
 * How much was used, in whole numbers, so that sums are exact; products in milliseconds, so that a
 * host of many TiB fits for years.
 *
 * @param readyMicros how long sandboxes waited for a session
 * @param allocatedMicros how long they had one
 * @param milliCpuMillis thousandths of a core, times the milliseconds they were reserved
 * @param mebibyteMillis memory reserved, times milliseconds
 * @param cpuMicros processor time really taken
 * @param usedMebibyteMillis memory really taken, times milliseconds
 * @param sessions that began
 * @param sessionHours hours of sessions that began: each session has one, and one more with each
 *     full hour
 * @param requests that were forwarded
 * @param bytesIn to sandboxes
 * @param bytesOut from them
 */
public record UsageAmounts(
    long readyMicros,
    long allocatedMicros,
    long milliCpuMillis,
    long mebibyteMillis,
    long cpuMicros,
    long usedMebibyteMillis,
    long sessions,
    long sessionHours,
    long requests,
    long bytesIn,
    long bytesOut) {
  /** Nothing. */
  public static final UsageAmounts NONE = new UsageAmounts(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);

  /** What went through the gateway. */
  public static UsageAmounts traffic(long requests, long bytesIn, long bytesOut) {
    return new UsageAmounts(0, 0, 0, 0, 0, 0, 0, 0, requests, bytesIn, bytesOut);
  }

  /** What a sandbox has really taken. */
  public static UsageAmounts consumed(long cpuMicros, long usedMebibyteMillis) {
    return new UsageAmounts(0, 0, 0, 0, cpuMicros, usedMebibyteMillis, 0, 0, 0, 0, 0);
  }

  /** Sessions, and hours of them, that began. */
  public static UsageAmounts begun(long sessions, long sessionHours) {
    return new UsageAmounts(0, 0, 0, 0, 0, 0, sessions, sessionHours, 0, 0, 0);
  }

  /** A sandbox that waited for a session. */
  public static UsageAmounts ready(long micros, Reserved of) {
    return lived(micros, 0, of);
  }

  /** A sandbox that had one. */
  public static UsageAmounts allocated(long micros, Reserved of) {
    return lived(0, micros, of);
  }

  private static UsageAmounts lived(long readyMicros, long allocatedMicros, Reserved of) {
    long micros = readyMicros + allocatedMicros;
    return new UsageAmounts(
        readyMicros,
        allocatedMicros,
        Math.multiplyExact(micros, of.milliCpu()) / 1000,
        Math.multiplyExact(micros, of.memoryBytes() >> 20) / 1000,
        0,
        0,
        0,
        0,
        0,
        0,
        0);
  }

  /**
   * Both together.
   *
   * @throws ArithmeticException rather than a wrong sum
   */
  public UsageAmounts plus(UsageAmounts other) {
    return new UsageAmounts(
        Math.addExact(readyMicros, other.readyMicros),
        Math.addExact(allocatedMicros, other.allocatedMicros),
        Math.addExact(milliCpuMillis, other.milliCpuMillis),
        Math.addExact(mebibyteMillis, other.mebibyteMillis),
        Math.addExact(cpuMicros, other.cpuMicros),
        Math.addExact(usedMebibyteMillis, other.usedMebibyteMillis),
        Math.addExact(sessions, other.sessions),
        Math.addExact(sessionHours, other.sessionHours),
        Math.addExact(requests, other.requests),
        Math.addExact(bytesIn, other.bytesIn),
        Math.addExact(bytesOut, other.bytesOut));
  }
}
