package dev.sandpool.server.doctor;

import dev.sandpool.server.engine.oci.HostFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A slow examination whose success is remembered until the host is booted anew or has other rights
 * for us, so that a server that was killed serves again sooner. What is not in order is examined at
 * each start.
 *
 * @param note where it is remembered; nobody else may write there
 */
record OncePerBoot(Path note, Tried examination) implements Check.Examination {
  /** An examination of what stays as it is until the next boot, if rights do. */
  interface Tried extends Check.Examination {
    /** Another one where it would try something else. */
    String version() throws IOException;
  }

  @Override
  public List<Finding> examine() throws IOException {
    String now = HostFacts.read().standing() + " " + examination.version();
    if (remembered().equals(Optional.of(now))) {
      return List.of(
          Finding.ok("all of it", "worked since the host was booted, with the same rights"));
    }
    List<Finding> findings = examination.examine();
    if (findings.stream().allMatch(Finding.Ok.class::isInstance)) {
      Files.writeString(note, now);
    }
    return findings;
  }

  private Optional<String> remembered() {
    try {
      return Optional.of(Files.readString(note));
    } catch (IOException e) {
      return Optional.empty();
    }
  }
}
