package dev.sandpool.server.export;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Requests that wait on the disk for a receiver, a file each, oldest first. Where there are too
 * many the oldest go.
 */
final class Spool {
  private static final Pattern NAME = Pattern.compile("([0-9a-f]{16})-([0-9]{1,9})\\.request");

  private final Path folder;
  private final long mostBytes;
  private final TreeMap<Long, Entry> waiting = new TreeMap<>();

  /**
   * One of them.
   *
   * @param micros when it was put there; no two have the same
   * @param items that are in it
   */
  record Entry(long micros, int items, long bytes) {}

  private Spool(Path folder, long mostBytes) {
    this.folder = folder;
    this.mostBytes = mostBytes;
  }

  /** What waited before waits still; what was only half written is removed. */
  static Spool open(Path folder, long mostBytes) throws IOException {
    Files.createDirectories(folder);
    var spool = new Spool(folder, mostBytes);
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        Matcher name = NAME.matcher(file.getFileName().toString());
        if (name.matches()) {
          long micros = Long.parseLong(name.group(1), 16);
          int items = Integer.parseInt(name.group(2));
          spool.waiting.put(micros, new Entry(micros, items, Files.size(file)));
        } else {
          Files.delete(file);
        }
      }
    }
    return spool;
  }

  /**
   * Adds one, and answers how many items had to go for it.
   *
   * @throws IOException if it could not be written: then nothing has changed
   */
  synchronized long add(byte[] request, int items, long micros) throws IOException {
    long own = waiting.isEmpty() ? micros : Math.max(micros, waiting.lastKey() + 1);
    var entry = new Entry(own, items, request.length);
    Path fresh = folder.resolve("fresh.tmp");
    Files.write(fresh, request);
    Files.move(fresh, file(entry), StandardCopyOption.ATOMIC_MOVE);
    waiting.put(own, entry);
    long gone = 0;
    while (bytes() > mostBytes && waiting.size() > 1) {
      Entry oldest = waiting.firstEntry().getValue();
      remove(oldest);
      gone += oldest.items;
    }
    return gone;
  }

  /** The one that waits longest. */
  synchronized Optional<Entry> oldest() {
    return waiting.isEmpty() ? Optional.empty() : Optional.of(waiting.firstEntry().getValue());
  }

  /** What is in one; empty where it had to go meanwhile. */
  synchronized Optional<byte[]> read(Entry entry) throws IOException {
    return waiting.containsKey(entry.micros)
        ? Optional.of(Files.readAllBytes(file(entry)))
        : Optional.empty();
  }

  /** It need not wait any more. */
  synchronized void remove(Entry entry) throws IOException {
    Files.deleteIfExists(file(entry));
    waiting.remove(entry.micros);
  }

  synchronized long bytes() {
    return waiting.values().stream().mapToLong(Entry::bytes).sum();
  }

  private Path file(Entry entry) {
    return folder.resolve("%016x-%d.request".formatted(entry.micros, entry.items));
  }
}
