package dev.sandpool.server.doctor;

import dev.sandpool.server.engine.oci.RootStore;
import dev.sandpool.server.network.AddressClaim;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Something on the host whose name is a server's: {@code sp} + its instance id, and for what
 * belongs to one sandbox also that sandbox's id.
 *
 * @param kind network namespace, interface, cgroup, mount, image mount, table, range of addresses
 * @param name where it is, for a person and for removing it
 * @param prefix of the server, 6 characters
 * @param sandbox name of the sandbox, 14 characters; empty for what belongs to the server as a
 *     whole
 */
record HostObject(String kind, String name, String prefix, Optional<String> sandbox) {
  private static final Pattern SERVER = Pattern.compile("sp[a-z2-7]{4}");
  private static final Pattern SANDBOX =
      Pattern.compile("(?:^|/)((sp[a-z2-7]{4})[a-z2-7]{8})(?=/|$)");

  /** What carries a sandbox's name: as a whole, or as one part of a path. */
  static Optional<HostObject> ofSandbox(String kind, String name) {
    Matcher matcher = SANDBOX.matcher(name);
    return matcher.find()
        ? Optional.of(new HostObject(kind, name, matcher.group(2), Optional.of(matcher.group(1))))
        : Optional.empty();
  }

  /** A mounted image; its server has it on its disk all the same. */
  static Optional<HostObject> image(Path mount) {
    return RootStore.owner(mount)
        .map(prefix -> new HostObject("image mount", mount.toString(), prefix, Optional.empty()));
  }

  /** A table of rules; other things of so short a name could be anybody's. */
  static Optional<HostObject> table(String name) {
    return serverOf(name).map(prefix -> new HostObject("table", name, prefix, Optional.empty()));
  }

  /** What a server has claimed to give to its sandboxes. */
  static HostObject addresses(AddressClaim claim) {
    return new HostObject(
        "address range", claim.range().toString(), claim.owner().prefix(), Optional.empty());
  }

  /** The prefix that a whole name is. */
  static Optional<String> serverOf(String name) {
    return SERVER.matcher(name).matches() ? Optional.of(name) : Optional.empty();
  }
}
