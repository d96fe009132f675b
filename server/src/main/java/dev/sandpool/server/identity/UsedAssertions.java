package dev.sandpool.server.identity;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The client assertions that were good, until they expire: each is good once (RFC 7523 section 3,
 * {@code jti}), also after a restart. Only what a client's own key has signed comes in here, and
 * each client has so much room and no more: one that fills it keeps itself out and nobody else.
 */
final class UsedAssertions {
  private static final Logger log = LoggerFactory.getLogger(UsedAssertions.class);

  private final int mostOfAClient;
  private final @Nullable Path file;
  private final Map<String, Map<String, Instant>> byClient = new HashMap<>();
  private int uses;

  /** In memory alone. */
  UsedAssertions(int mostOfAClient) {
    this(mostOfAClient, null);
  }

  private UsedAssertions(int mostOfAClient, @Nullable Path file) {
    this.mostOfAClient = mostOfAClient;
    this.file = file;
  }

  /** Those of that file, a line each; it is written when one is used. */
  static UsedAssertions open(Path file, int mostOfAClient, Instant now) throws IOException {
    var used = new UsedAssertions(mostOfAClient, file);
    if (Files.exists(file)) {
      // No byte that a failing disk left there may keep the server from starting.
      Files.readAllLines(file, StandardCharsets.ISO_8859_1).stream()
          .filter(line -> !line.isEmpty())
          .forEach(line -> used.read(line.split(" ")));
      used.forget(now);
    }
    return used;
  }

  /** A use that a crash or a full disk cut off was remembered in that run alone. */
  private void read(String[] words) {
    try {
      if (words.length == 4 && words[3].equals("end")) {
        Instant until = Instant.parse(words[0]);
        byClient.computeIfAbsent(words[1], _ -> new HashMap<>()).put(words[2], until);
        return;
      }
    } catch (DateTimeParseException e) {
      log.debug("half a line with a whole one behind it", e);
    }
    log.warn("a line of the used client assertions is no whole one and is passed over");
  }

  /** Begins a line of its own: what was written before may have been cut off in the middle. */
  private static String line(String client, String id, Instant until) {
    return "\n" + until + " " + client + " " + id + " end\n";
  }

  /**
   * Notes the use of one.
   *
   * @param id of it, ASCII without spaces
   * @param until when it stops being good by itself
   * @return whether it had not been used before; false as well when no more can be remembered
   */
  synchronized boolean use(String client, String id, Instant until, Instant now) {
    if (++uses % mostOfAClient == 0) {
      forget(now);
    }
    Map<String, Instant> its = byClient.computeIfAbsent(client, _ -> new HashMap<>());
    if (its.size() >= mostOfAClient) {
      forget(its, now);
    }
    boolean first = its.size() < mostOfAClient && its.putIfAbsent(id, until) == null;
    if (first && file != null) {
      append(file, line(client, id, until));
    }
    return first;
  }

  /** Tokens are issued on a full disk too; this run remembers what it could not write. */
  private static void append(Path file, String line) {
    try {
      Files.writeString(
          file,
          line,
          StandardOpenOption.CREATE,
          StandardOpenOption.APPEND,
          StandardOpenOption.DSYNC);
    } catch (IOException e) {
      log.warn(
          "a used client assertion is remembered until the next start alone: {}", e.toString());
    }
  }

  private void forget(Instant now) {
    byClient.values().forEach(its -> forget(its, now));
    byClient.values().removeIf(Map::isEmpty);
    if (file != null) {
      rewrite(file);
    }
  }

  private void rewrite(Path file) {
    List<String> lines =
        byClient.entrySet().stream()
            .flatMap(
                client ->
                    client.getValue().entrySet().stream()
                        .map(its -> line(client.getKey(), its.getKey(), its.getValue())))
            .toList();
    Path next = file.resolveSibling(file.getFileName() + ".next");
    try {
      Files.writeString(
          next,
          String.join("", lines),
          StandardOpenOption.CREATE,
          StandardOpenOption.TRUNCATE_EXISTING,
          StandardOpenOption.WRITE,
          StandardOpenOption.DSYNC);
      Files.move(next, file, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      log.warn("expired client assertions stay in {}: {}", file, e.toString());
    }
  }

  private static void forget(Map<String, Instant> its, Instant now) {
    its.values().removeIf(until -> !now.isBefore(until));
  }

  synchronized int size() {
    return byClient.values().stream().mapToInt(Map::size).sum();
  }
}
