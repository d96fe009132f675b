package dev.sandpool.model;

/**
 * One version of a pool's container template: the pool and a number counted from 1.
 *
 * @param number counted from 1 within the pool
 */
public record RevisionId(PoolId pool, int number) {
  public RevisionId {
    if (number < 1) {
      throw new IllegalArgumentException("revision number " + number + " is less than 1");
    }
  }

  /** The revision that follows this one. */
  public RevisionId next() {
    return new RevisionId(pool, number + 1);
  }

  @Override
  public String toString() {
    return pool + "-r" + number;
  }
}
