package dev.sandpool.server.doctor;

import dev.sandpool.server.linux.ProcFile;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * Whether the memory that sandboxes may take is there.
 *
 * @param limit {@code limits.host.memory} in bytes
 */
record MemoryCheck(ServerFolder folder, long limit) implements Check.Examination {
  /**
   * The machine's memory in bytes.
   *
   * @param available what could be taken without swapping
   * @param serverRuns whether sandboxes may have some of it already
   */
  record Facts(long total, long available, long limit, boolean serverRuns) {}

  @Override
  public List<Finding> examine() throws IOException {
    Map<String, Long> memory = ProcFile.memory();
    return List.of(
        judge(
            new Facts(
                memory.getOrDefault("MemTotal", 0L),
                memory.getOrDefault("MemAvailable", 0L),
                limit,
                folder.holder().isPresent())));
  }

  static Finding judge(Facts facts) {
    String found =
        "%s of %s available, limits.host.memory is %s"
            .formatted(
                Amount.of(facts.available()), Amount.of(facts.total()), Amount.of(facts.limit()));
    if (facts.limit() > facts.total()) {
      return Finding.warning(
          "memory",
          found,
          "pools may be admitted that the machine cannot hold: the kernel then kills processes,"
              + " perhaps the server's",
          "lower limits.host.memory below the machine's memory");
    }
    if (!facts.serverRuns() && facts.limit() > facts.available()) {
      return Finding.warning(
          "memory",
          found,
          "other programs hold what sandboxes were promised",
          "lower limits.host.memory, or end what holds the memory");
    }
    return Finding.ok("memory", found);
  }
}
