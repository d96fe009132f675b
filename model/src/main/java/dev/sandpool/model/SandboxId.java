package dev.sandpool.model;

import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * The name of one sandbox, never given twice: eight characters of {@code a-z2-7}.
 *
 * <p>It is this short because it ends up in interface names, which hold 15 characters: every kernel
 * object of a sandbox is named from the server's {@link InstanceId} and this id.
 */
public record SandboxId(String value) implements Comparable<SandboxId> {
  private static final Pattern FORM = Pattern.compile("[a-z2-7]{8}");

  public SandboxId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "sandbox id '" + value + "' is not 8 characters of a-z2-7");
    }
  }

  /** A fresh id; 40 random bits, so the caller's ledger must refuse the rare duplicate. */
  public static SandboxId random(RandomGenerator random) {
    return new SandboxId(Base32.random(random, 8));
  }

  @Override
  public int compareTo(SandboxId other) {
    return value.compareTo(other.value);
  }

  @Override
  public String toString() {
    return value;
  }
}
