package dev.sandpool.server.audit;

import dev.sandpool.model.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Reads the record while it is written to; blocks. */
public final class AuditReader {
  private final Segments segments;

  /**
   * @param folder as {@link AuditSettings#folder}
   */
  public AuditReader(Path folder) {
    this.segments = new Segments(folder);
  }

  /** The newest that are wanted, the oldest of them first. */
  public List<JsonNode> newest(AuditQuery query, int most) throws IOException {
    Deque<JsonNode> found = new ArrayDeque<>();
    List<Path> all = segments.list();
    for (int i = all.size() - 1; i >= 0 && found.size() < most; i--) {
      Deque<JsonNode> here = new ArrayDeque<>();
      int room = most - found.size();
      read(
          all.get(i),
          (text, line) -> {
            if (query.matches(line)) {
              here.add(line);
              if (here.size() > room) {
                here.removeFirst();
              }
            }
            return true;
          });
      here.descendingIterator().forEachRemaining(found::addFirst);
    }
    return List.copyOf(found);
  }

  /** Those with a higher number, in order. */
  public List<JsonNode> after(long number, AuditQuery query, int most) throws IOException {
    List<JsonNode> found = new ArrayList<>();
    List<Path> all = segments.list();
    for (int i = 0; i < all.size() && found.size() < most; i++) {
      if (i + 1 < all.size() && Segments.first(all.get(i + 1)) <= number + 1) {
        continue; // All of it is known.
      }
      read(
          all.get(i),
          (text, line) -> {
            if (line.path("seq").asLong() > number && query.matches(line)) {
              found.add(line);
            }
            return found.size() < most;
          });
    }
    return found;
  }

  /**
   * What an examination of the whole record showed.
   *
   * @param first the lowest number that is there, 0 if there is none
   * @param last the highest that fits what is before it
   * @param broken what is wrong with what follows; null: nothing
   */
  public record Examination(long first, long last, @Nullable String broken) {}

  /** Looks whether each line is the one that its successor was written after. */
  public Examination examine() throws IOException {
    var examiner = new Examiner();
    for (Path segment : segments.list()) {
      if (!read(segment, examiner) || examiner.broken != null) {
        String broken = examiner.broken == null ? "a line is no JSON" : examiner.broken;
        return new Examination(
            examiner.first, examiner.last, segment.getFileName() + ": " + broken);
      }
    }
    return new Examination(examiner.first, examiner.last, null);
  }

  private static final class Examiner implements Visitor {
    private long first;
    private long last;
    private @Nullable String before;
    private @Nullable String broken;

    @Override
    public boolean visit(String text, JsonNode line) {
      long number = line.path("seq").asLong();
      String expected = before;
      if (expected == null) {
        first = number;
        expected = number == 1 ? Chain.BEGINNING : line.path("before").asString("");
      } else if (number != last + 1) {
        broken = "record " + (last + 1) + " is missing";
        return false;
      }
      if (!expected.equals(line.path("before").asString(""))) {
        broken = "record " + number + " does not follow the one before it, which was changed";
        return false;
      }
      last = number;
      before = Chain.hash(text);
      return true;
    }
  }

  private interface Visitor {
    /** Whether to go on. */
    boolean visit(String text, JsonNode line);
  }

  /** Whether all whole lines were JSON; the last may still be on its way. */
  private static boolean read(Path segment, Visitor visitor) throws IOException {
    try (BufferedReader lines = Files.newBufferedReader(segment, StandardCharsets.UTF_8)) {
      @Nullable String text = lines.readLine();
      while (text != null) {
        String following = lines.readLine();
        JsonNode line = parse(text);
        if (line == null) {
          return following == null;
        }
        if (!visitor.visit(text, line)) {
          return true;
        }
        text = following;
      }
      return true;
    } catch (NoSuchFileException e) {
      return true; // Too old meanwhile.
    }
  }

  private static @Nullable JsonNode parse(String text) {
    try {
      return Json.MAPPER.readTree(text);
    } catch (JacksonException e) {
      return null;
    }
  }
}
