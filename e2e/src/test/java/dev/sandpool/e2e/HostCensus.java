package dev.sandpool.e2e;

import dev.sandpool.model.InstanceId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * How many things there are on the host that carry a server's name, and how much a process of ours
 * holds, counted without the server's code.
 *
 * @param named kind to number, of everything by name
 * @param descriptors of the process
 * @param threads of the process, as the kernel counts them
 * @param heapBytes of living objects, after a collection
 */
public record HostCensus(Map<String, Long> named, long descriptors, long threads, long heapBytes) {
  /** Of this moment; {@code process} is where the server, or the engine alone, runs. */
  public static HostCensus take(InstanceId instance, Path dataDirectory, long process)
      throws IOException, InterruptedException {
    Map<String, Long> named = new TreeMap<>();
    for (String found : Leftovers.of(instance, dataDirectory)) {
      named.merge(found.substring(0, found.indexOf(' ')), 1L, Long::sum);
    }
    return new HostCensus(
        named,
        entries("/proc/" + process + "/fd"),
        entries("/proc/" + process + "/task"),
        heapBytes(process));
  }

  /**
   * A class histogram is taken after a full collection; its last line has the sum. It goes to a
   * file, because a process that looks at itself cannot read a pipe meanwhile.
   */
  private static long heapBytes(long process) throws IOException, InterruptedException {
    Path output = Files.createTempFile("histogram", ".txt");
    try {
      String jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
      Process histogram =
          new ProcessBuilder(jcmd, Long.toString(process), "GC.class_histogram")
              .redirectErrorStream(true)
              .redirectOutput(output.toFile())
              .start();
      histogram.waitFor();
      String last = Files.readAllLines(output).getLast();
      return Long.parseLong(last.strip().split("\\s+")[2]);
    } finally {
      Files.delete(output);
    }
  }

  private static long entries(String folder) throws IOException {
    try (Stream<Path> entries = Files.list(Path.of(folder))) {
      return entries.count();
    }
  }

  @Override
  public String toString() {
    return "%s, %d descriptors, %d threads, %d KiB of living objects"
        .formatted(named, descriptors, threads, heapBytes >> 10);
  }
}
