package dev.sandpool.server.doctor;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Whether anything sets the clock, by which tokens are judged. */
final class ClockCheck implements Check.Examination {
  private static final Set<String> KEEPERS =
      Set.of("chronyd", "ntpd", "openntpd", "systemd-timesyn", "ptp4l", "phc2sys");

  @Override
  public List<Finding> examine() throws IOException {
    Set<String> programs = new TreeSet<>();
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
      for (Path process : processes) {
        try {
          programs.add(Files.readString(process.resolve("comm")).strip());
        } catch (IOException e) {
          // Ended meanwhile.
        }
      }
    }
    return List.of(judge(programs));
  }

  static Finding judge(Set<String> programs) {
    return programs.stream()
        .filter(KEEPERS::contains)
        .findFirst()
        .map(keeper -> Finding.ok("clock", "kept by " + keeper))
        .orElseGet(
            () ->
                Finding.unknown(
                    "clock",
                    "no program that sets it is seen",
                    "where it goes wrong, valid tokens are refused and old ones accepted",
                    "install the package systemd-timesyncd or chrony, unless the machine's host"
                        + " keeps it"));
  }
}
