package dev.sandpool.server.engine.oci;

/**
 * How far one sandbox gives way to others in the use of processors; pure. A scheduling period in
 * which it has used up all that it may counts for it, one in which it has not against it. While any
 * is owed it stands behind all others: who computes then keeps nobody waiting who only answers, and
 * has whatever these leave.
 *
 * <p>Where there is not enough for everybody, each such period halves what it may use as well, down
 * to an eighth: who computes a little longer than usual is held back a little, and who takes all
 * has next to nothing after three, in which it has used less and less. With an eighth, one that
 * would be content with what it had before is not told from one that takes all. So it is due to be
 * believed anew after ten seconds; after twice as long each time it is found at its bound again
 * soon, up to {@link #LONGEST}.
 *
 * @param throttled periods in which it was held back, since it began
 * @param atNanos when that was read
 * @param owed periods, 0 to {@link #MOST}
 * @param behind whether it stands behind all others
 * @param parts what it has of its bound: one of 1, 2, 4 or {@link #PARTS} parts
 * @param turnedNanos when it was last left an eighth, or was given all back
 * @param stint after how many periods with an eighth it is due, or was the last time; 0 if it never
 *     had so little
 */
record Courtesy(
    long throttled,
    long atNanos,
    double owed,
    boolean behind,
    int parts,
    long turnedNanos,
    int stint) {
  /** The least that is left of its bound: 1 of so many parts. */
  static final int PARTS = 8;

  private static final int HALVINGS = Integer.numberOfTrailingZeros(PARTS);

  /** Ten seconds without such a period end it in any case where there is room. */
  static final int MOST = 200;

  /** 80 s, after which even one that always takes all is tried again. */
  static final int LONGEST = 8 * MOST;

  /**
   * What a calm period counts against one that stands behind where there is not enough: it may have
   * been calm because others went before.
   */
  static final double DOUBTED = 0.5;

  /** How long a period is, which {@link OciSpec} says. */
  static final long PERIOD_NANOS = OciSpec.PERIOD_MICROS * 1000L;

  /**
   * One that is met for the first time.
   *
   * @param parts what an earlier engine has left it
   * @param behind where an earlier engine has put it
   */
  static Courtesy of(long throttled, long nowNanos, int parts, boolean behind) {
    int left = Integer.highestOneBit(Math.clamp(parts, 1, PARTS));
    int halvings = Integer.numberOfTrailingZeros(left);
    boolean restrained = left == PARTS;
    return new Courtesy(
        throttled,
        nowNanos,
        restrained ? MOST : behind ? Math.max(1, halvings) : halvings,
        behind,
        left,
        nowNanos,
        restrained ? MOST : 0);
  }

  /**
   * What it is some periods later.
   *
   * @param room whether there was enough for everybody; then nobody's bound becomes less
   */
  Courtesy next(long throttledNow, long nowNanos, boolean room) {
    double passed = Math.max(0, nowNanos - atNanos) / (double) PERIOD_NANOS;
    double used = Math.clamp((double) (throttledNow - throttled), 0, Math.ceil(passed));
    double calm = Math.max(0, passed - used) * (behind && !room ? DOUBTED : 1);
    double owes = Math.clamp(owed + used - calm, 0, MOST);
    boolean stands = owes >= 1 || (behind && owes > 0);
    int has = restrained() ? PARTS : room ? 1 : used > 0 ? fewer((int) used) : more(owes);
    var later = new Courtesy(throttledNow, nowNanos, owes, stands, has, turnedNanos, stint);
    if (restrained()) {
      return owes > 0 ? later : later.believed();
    }
    return later.restrained() ? later.turned() : later;
  }

  private int fewer(int periods) {
    return Math.min(parts << Math.min(periods, HALVINGS), PARTS);
  }

  /** What was owed before it became tight makes nothing less. */
  private int more(double owes) {
    return Math.min(parts, 1 << (int) Math.min(owes, HALVINGS));
  }

  /** It has all back, whatever it has used. */
  Courtesy believed() {
    return new Courtesy(throttled, atNanos, 0, false, 1, atNanos, stint);
  }

  private Courtesy turned() {
    boolean again = sinceTurned() < stint;
    int longer = again ? Math.min(2 * stint, LONGEST) : MOST;
    return new Courtesy(throttled, atNanos, owed, behind, parts, atNanos, longer);
  }

  /** Whether it has so little that nobody can tell what it would like. */
  boolean restrained() {
    return parts == PARTS;
  }

  /** Whether it should be believed anew: it has had so little for long enough. */
  boolean due() {
    return restrained() && sinceTurned() >= stint;
  }

  private double sinceTurned() {
    return (atNanos - turnedNanos) / (double) PERIOD_NANOS;
  }

  /** Whether nothing of its past matters any more. */
  boolean settled() {
    return !behind && owed == 0 && sinceTurned() >= stint;
  }
}
