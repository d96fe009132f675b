package dev.sandpool.server.image;

import dev.sandpool.model.Json;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;
import tools.jackson.core.JacksonException;

/**
 * Which name means which digest, kept in a small file that is replaced whole. Names are compared by
 * what they mean: {@code sample}, {@code sample:latest} and {@code docker.io/library/sample} are
 * one.
 */
final class ImageNames {
  /**
   * One name.
   *
   * @param name as the operator wrote it
   * @param imported taken from a file, so that no registry is asked for it
   */
  record Entry(String name, String digest, boolean imported) {}

  /** The file. */
  record Content(List<Entry> names) {}

  private final Path file;
  private Map<String, Entry> entries = new TreeMap<>();

  ImageNames(Path file) throws IOException {
    this.file = file;
    if (!Files.exists(file)) {
      return;
    }
    try {
      for (Entry entry : Json.MAPPER.readValue(Files.readAllBytes(file), Content.class).names()) {
        entries.put(key(entry.name()), entry);
      }
    } catch (JacksonException | IllegalArgumentException e) {
      throw new IOException(
          "the index of image names "
              + file
              + " cannot be read; delete it and import or pull again",
          e);
    }
  }

  private static String key(String name) {
    return ImageReference.parse(name).canonical();
  }

  /** What the name means here. */
  synchronized Optional<Entry> get(ImageReference reference) {
    return Optional.ofNullable(entries.get(reference.canonical()));
  }

  /** The names of a digest, in order. */
  synchronized List<String> of(String digest) {
    return entries.values().stream()
        .filter(e -> e.digest().equals(digest))
        .map(Entry::name)
        .toList();
  }

  /** Whether a digest came from a file, so that no registry could bring it again. */
  synchronized boolean imported(String digest) {
    return entries.values().stream().anyMatch(e -> e.imported() && e.digest().equals(digest));
  }

  /** Makes the name mean that, durably. */
  synchronized void put(Entry entry) throws IOException {
    String key = key(entry.name());
    if (!entry.equals(entries.get(key))) {
      Map<String, Entry> changed = new TreeMap<>(entries);
      changed.put(key, entry);
      save(changed);
    }
  }

  /** Forgets the names that the condition holds for, durably. */
  synchronized void removeIf(Predicate<Entry> condition) throws IOException {
    Map<String, Entry> changed = new TreeMap<>(entries);
    if (changed.values().removeIf(condition)) {
      save(changed);
    }
  }

  /** Memory follows the file, so that a full disk leaves both as they were. */
  private void save(Map<String, Entry> changed) throws IOException {
    byte[] text = Json.MAPPER.writeValueAsBytes(new Content(new ArrayList<>(changed.values())));
    Path fresh = file.resolveSibling(file.getFileName() + ".new");
    try (FileChannel channel =
        FileChannel.open(
            fresh,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer buffer = ByteBuffer.wrap(text);
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
      channel.force(true);
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(fresh);
    }
    entries = changed;
  }
}
