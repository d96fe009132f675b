package dev.sandpool.server.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The files of the record: each named after the number of its first line, so that names sort. */
record Segments(Path folder) {
  private static final String PREFIX = "audit-";
  private static final String SUFFIX = ".jsonl";

  /** The file that begins with that number. */
  Path beginningWith(long number) {
    return folder.resolve(PREFIX + String.format(Locale.ROOT, "%016d", number) + SUFFIX);
  }

  /** The number that a file begins with. */
  static long first(Path segment) {
    String name = segment.getFileName().toString();
    return Long.parseLong(name.substring(PREFIX.length(), name.length() - SUFFIX.length()));
  }

  /** All, oldest first. */
  List<Path> list() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> file.getFileName().toString().matches(PREFIX + "\\d{16}\\" + SUFFIX))
          .sorted()
          .toList();
    }
  }
}
