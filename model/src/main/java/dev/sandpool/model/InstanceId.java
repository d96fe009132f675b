package dev.sandpool.model;

import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/**
 * The name of one server's data directory: four characters of {@code a-z2-7}, made at first start.
 *
 * <p>Everything that the server leaves on the host carries it, so that two servers can share a host
 * and each finds its own leftovers.
 */
public record InstanceId(String value) {
  private static final Pattern FORM = Pattern.compile("[a-z2-7]{4}");

  public InstanceId {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException(
          "instance id '" + value + "' is not 4 characters of a-z2-7");
    }
  }

  /** A fresh id. */
  public static InstanceId random(RandomGenerator random) {
    return new InstanceId(Base32.random(random, 4));
  }

  /** The prefix of the names of all kernel objects of this server, 6 characters. */
  public String prefix() {
    return "sp" + value;
  }

  /** The name of a sandbox's kernel objects: netns, interface, cgroup; 14 characters. */
  public String nameOf(SandboxId sandbox) {
    return prefix() + sandbox.value();
  }

  @Override
  public String toString() {
    return value;
  }
}
