package dev.sandpool.model;

import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * The internal name of one session pool, never given twice: ten characters of {@code a-z2-7}.
 *
 * <p>A pool that is deleted and created again under the same resource name is another pool: no
 * session of the first can be found through the second.
 */
public record PoolId(String value) implements Comparable<PoolId> {
  private static final Pattern FORM = Pattern.compile("[a-z2-7]{10}");

  public PoolId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("pool id '" + value + "' is not 10 characters of a-z2-7");
    }
  }

  /** A fresh id. */
  public static PoolId random(RandomGenerator random) {
    return new PoolId(Base32.random(random, 10));
  }

  @Override
  public int compareTo(PoolId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
