package dev.sandpool.server.engine.microvm;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/**
 * What a guest says of itself in its note's first line. A hostile one may write anything there, and
 * decides with it about nothing but itself.
 */
sealed interface GuestReport {
  /** Its application is frozen, so that it can be kept. */
  record Frozen() implements GuestReport {}

  /** Nothing yet. */
  record Silent() implements GuestReport {}

  /** The image's program runs. */
  record Running() implements GuestReport {}

  /**
   * The image's program cannot be run.
   *
   * @param image whether that is the image's fault
   */
  record Refused(boolean image, String why) implements GuestReport {}

  /** The guest could not make itself ready. */
  record Broken(String why) implements GuestReport {}

  /** It has ended. */
  record Ended(boolean outOfMemory) implements GuestReport {}

  /** Reads it; silent where there is no note. */
  static GuestReport read(Path note) throws IOException {
    try (InputStream in = Files.newInputStream(note)) {
      return parse(new String(in.readNBytes(512), StandardCharsets.UTF_8));
    } catch (NoSuchFileException e) {
      return new Silent();
    }
  }

  /** What the first line of that text says; a line without an end is still being written. */
  static GuestReport parse(String text) {
    int end = text.indexOf('\n');
    String[] words = (end < 0 ? "" : text.substring(0, end)).split(" ", 2);
    String rest = words.length == 2 ? words[1].strip() : "";
    return switch (words[0]) {
      case "running" -> new Running();
      case "frozen" -> new Frozen();
      case "refused" ->
          new Refused(rest.startsWith("program ") || rest.startsWith("working directory "), rest);
      case "broken" -> new Broken(rest);
      case "ended" -> new Ended(rest.endsWith(" memory"));
      default -> new Silent();
    };
  }
}
