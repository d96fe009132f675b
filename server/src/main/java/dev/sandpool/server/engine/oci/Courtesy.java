package dev.sandpool.server.engine.oci;

/**
 * How far one sandbox gives way to others in the use of processors; pure. A scheduling period in
 * which it has used up all that it may counts for it, one in which it has not against it. Each of
 * them halves what it may use: who computes a little longer than usual is held back a little, and
 * who takes all has next to nothing after three, in which it has used less and less. From three on
 * it stands behind all others too, until they are made up for.
 *
 * <p>While it gives way, one that would be content with what it had before is not told from one
 * that takes all. So it is believed anew after ten seconds; after twice as long each time it is
 * found at its bound again soon, up to {@link #LONGEST}.
 *
 * @param throttled periods in which it was held back, since it began
 * @param atNanos when that was read
 * @param owed periods, 0 to {@link #MOST}
 * @param turnedNanos when it last began or ceased to give way
 * @param stint how many periods it gives way at most, or gave way at most the last time; 0 if it
 *     never did
 */
record Courtesy(
    long throttled, long atNanos, double owed, boolean givesWay, long turnedNanos, int stint) {
  /** Fewer are a request that takes a little longer. */
  static final int FROM = 3;

  /** What is left of its bound to one that gives way: 1 of so many parts. */
  static final int PARTS = 1 << FROM;

  /** Ten seconds without such a period end it in any case. */
  static final int MOST = 200;

  /** 80 s, after which even one that always takes all is tried again. */
  static final int LONGEST = 8 * MOST;

  /** How long a period is, which {@link OciSpec} says. */
  static final long PERIOD_NANOS = OciSpec.PERIOD_MICROS * 1000L;

  /**
   * One that is met for the first time.
   *
   * @param parts what an earlier engine has left it
   */
  static Courtesy of(long throttled, long nowNanos, int parts) {
    boolean givesWay = parts >= PARTS;
    int most = givesWay ? MOST : 0;
    double owed = givesWay ? MOST : 31 - Integer.numberOfLeadingZeros(parts);
    return new Courtesy(throttled, nowNanos, owed, givesWay, nowNanos, most);
  }

  /**
   * What it is some periods later.
   *
   * @param room whether there was enough for everybody; then nobody begins to give way
   */
  Courtesy next(long throttledNow, long nowNanos, boolean room) {
    double passed = Math.max(0, nowNanos - atNanos) / (double) PERIOD_NANOS;
    double used = Math.clamp((double) (throttledNow - throttled), 0, Math.ceil(passed));
    double counts = room && !givesWay ? 0 : used;
    double owes = Math.clamp(owed + counts - Math.max(0, passed - counts), 0, MOST);
    boolean gives = owes >= FROM || (givesWay && owes > 0);
    var later = new Courtesy(throttledNow, nowNanos, owes, givesWay, turnedNanos, stint);
    if (givesWay) {
      return gives && sinceTurned(nowNanos) < stint ? later : later.believed();
    }
    return gives ? later.giving() : later;
  }

  /** It need not give way any longer, whatever it has used. */
  Courtesy believed() {
    return new Courtesy(throttled, atNanos, 0, false, atNanos, stint);
  }

  private Courtesy giving() {
    boolean again = sinceTurned(atNanos) < stint;
    int longer = again ? Math.min(2 * stint, LONGEST) : MOST;
    return new Courtesy(throttled, atNanos, owed, true, atNanos, longer);
  }

  /** It has one of so many parts of what it may use: 1, 2, 4 or, while it gives way, 8. */
  int parts() {
    return givesWay ? PARTS : 1 << (int) Math.min(owed, FROM);
  }

  private double sinceTurned(long nowNanos) {
    return (nowNanos - turnedNanos) / (double) PERIOD_NANOS;
  }

  /** Whether nothing of its past matters any more. */
  boolean settled() {
    return !givesWay && owed == 0 && sinceTurned(atNanos) >= stint;
  }
}
