package dev.sandpool.server.engine.oci;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** The end of a console log as its application wrote it, for a person who asks why it ended. */
final class LastOutput {
  private static final int WANTED = 2048;

  private LastOutput() {}

  /** At most 2 KiB of text without times and stream names; empty where there is no log. */
  static String of(Path console) {
    try (var file = new RandomAccessFile(console.toFile(), "r")) {
      // Each line has some 40 bytes before its text.
      long start = Math.max(0, file.length() - 8L * WANTED);
      byte[] tail = new byte[(int) (file.length() - start)];
      file.seek(start);
      file.readFully(tail);
      return cut(text(new String(tail, StandardCharsets.UTF_8), start > 0));
    } catch (IOException e) {
      return "";
    }
  }

  static String text(String log, boolean beginsInside) {
    var text = new StringBuilder();
    log.lines()
        .skip(beginsInside ? 1 : 0)
        .map(line -> line.split(" ", 4))
        .filter(parts -> parts.length == 4)
        .forEach(parts -> text.append(parts[3]).append(parts[2].equals("P") ? "" : "\n"));
    return text.toString().stripTrailing();
  }

  private static String cut(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    if (bytes.length <= WANTED) {
      return text;
    }
    int from = bytes.length - WANTED;
    while (from < bytes.length && (bytes[from] & 0xc0) == 0x80) {
      from++;
    }
    return new String(bytes, from, bytes.length - from, StandardCharsets.UTF_8);
  }
}
