package dev.sandpool.server.ledger;

/**
 * How much was used, in whole numbers, so that sums are exact.
 *
 * @param readyMicros how long sandboxes waited for a session
 * @param allocatedMicros how long they had one
 * @param milliCpuMicros thousandths of a core, times how long they were reserved
 * @param mebibyteMicros memory reserved, times how long
 * @param cpuMicros processor time really taken
 * @param usedMebibyteMicros memory really taken, times how long
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
    long milliCpuMicros,
    long mebibyteMicros,
    long cpuMicros,
    long usedMebibyteMicros,
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
  public static UsageAmounts consumed(long cpuMicros, long usedMebibyteMicros) {
    return new UsageAmounts(0, 0, 0, 0, cpuMicros, usedMebibyteMicros, 0, 0, 0, 0, 0);
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
        Math.multiplyExact(micros, of.milliCpu()),
        Math.multiplyExact(micros, of.memoryBytes() >> 20),
        0,
        0,
        0,
        0,
        0,
        0,
        0);
  }

  /** Both together. */
  public UsageAmounts plus(UsageAmounts other) {
    return new UsageAmounts(
        readyMicros + other.readyMicros,
        allocatedMicros + other.allocatedMicros,
        milliCpuMicros + other.milliCpuMicros,
        mebibyteMicros + other.mebibyteMicros,
        cpuMicros + other.cpuMicros,
        usedMebibyteMicros + other.usedMebibyteMicros,
        sessions + other.sessions,
        sessionHours + other.sessionHours,
        requests + other.requests,
        bytesIn + other.bytesIn,
        bytesOut + other.bytesOut);
  }

  /** What has been added since an earlier look. */
  public UsageAmounts since(UsageAmounts earlier) {
    return new UsageAmounts(
        readyMicros - earlier.readyMicros,
        allocatedMicros - earlier.allocatedMicros,
        milliCpuMicros - earlier.milliCpuMicros,
        mebibyteMicros - earlier.mebibyteMicros,
        cpuMicros - earlier.cpuMicros,
        usedMebibyteMicros - earlier.usedMebibyteMicros,
        sessions - earlier.sessions,
        sessionHours - earlier.sessionHours,
        requests - earlier.requests,
        bytesIn - earlier.bytesIn,
        bytesOut - earlier.bytesOut);
  }
}
