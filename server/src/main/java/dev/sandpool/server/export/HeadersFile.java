package dev.sandpool.server.export;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Headers in a file, {@code Name: value} a line; empty lines and those after a # are nothing. */
final class HeadersFile {
  private static final Pattern NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
  private static final Pattern VALUE = Pattern.compile("[\\t -~]*");

  private HeadersFile() {}

  /**
   * What is in it.
   *
   * @throws IOException also where a line is none, which names its number and not what it says
   */
  static List<Map.Entry<String, String>> read(Path file) throws IOException {
    List<Map.Entry<String, String>> headers = new ArrayList<>();
    List<String> lines = Files.readAllLines(file);
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        continue;
      }
      int colon = line.indexOf(':');
      String name = line.substring(0, Math.max(0, colon));
      String value = line.substring(colon + 1).strip();
      if (!NAME.matcher(name).matches() || !VALUE.matcher(value).matches()) {
        throw new IOException(file + " line " + (i + 1) + ": 'Name: value' is expected");
      }
      headers.add(Map.entry(name, value));
    }
    return headers;
  }
}
