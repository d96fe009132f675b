package dev.sandpool.server.linux;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * One process for ever: its number may be given again, but not with the same start time.
 *
 * @param startTime in clock ticks since boot (proc(5), stat field 22)
 */
public record ProcessId(long pid, long startTime) {
  /** The process that has that number now, unless it is dead. */
  public static Optional<ProcessId> of(long pid) {
    try {
      String stat =
          Files.readString(Path.of("/proc/" + pid + "/stat"), StandardCharsets.ISO_8859_1);
      // The name in parentheses may hold anything, so fields are counted from its end.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      boolean dead = fields[0].equals("Z") || fields[0].equals("X");
      return dead ? Optional.empty() : Optional.of(new ProcessId(pid, Long.parseLong(fields[19])));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** Whether it still lives; a zombie does not. */
  public boolean alive() {
    return of(pid).filter(this::equals).isPresent();
  }
}
