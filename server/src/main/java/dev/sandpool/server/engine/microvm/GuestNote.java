package dev.sandpool.server.engine.microvm;

import dev.sandpool.server.engine.oci.ImageUser;
import dev.sandpool.server.engine.oci.Vessel;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * What a guest shall run and who it is, on a small disk that only it reads: secrets among the
 * environment pass neither over the network nor on a command line. images/microvm/init.c reads it.
 * A clone knows what it runs, and only reads who it is.
 *
 * <p>The first 4096 bytes are the guest's, for what it reports ({@link GuestReport}); behind them
 * are words {@code KEY=VALUE}, each ended by a NUL, and an empty one.
 */
final class GuestNote {
  static final int REPORT_BYTES = 4096;
  private static final int BLOCK = 4096;
  private static final int MOST_BYTES = 1 << 20;
  private static final int MOST_WORDS = 4000;

  private final List<String> words = new ArrayList<>();

  /**
   * What no two guests have in common.
   *
   * @param seed hexadecimal digits that nobody else has: where the guest's random numbers begin
   * @param machine content of its /etc/machine-id
   * @param boot what its kernel calls this boot
   */
  record Identity(String seed, String machine, UUID boot) {}

  /** For a sandbox whose kernel boots. */
  static GuestNote of(Vessel.Cargo cargo, Identity identity, long files, int processes) {
    GuestNote note = work(cargo, files, processes);
    note.addIdentity(cargo, identity);
    return note;
  }

  /** For one that goes on where its pattern was. */
  static GuestNote ofClone(Vessel.Cargo cargo, Identity identity) {
    var note = new GuestNote();
    note.addIdentity(cargo, identity);
    return note;
  }

  private void addIdentity(Vessel.Cargo cargo, Identity identity) {
    add("host", cargo.spec().id().value());
    add("seed", identity.seed());
    add("machine", identity.machine());
    add("boot", identity.boot().toString());
    add("mac", cargo.slot().mac());
    add("address", cargo.slot().guestAddress());
    add("gateway", cargo.slot().hostAddress());
    add("egress", cargo.slot().egress() ? "1" : "0");
    cargo.resolvers().forEach(resolver -> add("resolver", resolver));
  }

  /**
   * What all sandboxes of a revision have in common, but for their name among the environment.
   *
   * @param files that each process may have open
   * @param processes at most
   */
  static GuestNote work(Vessel.Cargo cargo, long files, int processes) {
    var note = new GuestNote();
    ImageUser user = cargo.process().user();
    note.add("memory", Long.toString(cargo.spec().memoryBytes()));
    note.add("processes", Integer.toString(processes));
    note.add("files", Long.toString(files));
    note.add("uid", Long.toString(user.uid()));
    note.add("gid", Long.toString(user.gid()));
    user.groups().forEach(group -> note.add("group", Long.toString(group)));
    note.add("cwd", cargo.process().cwd());
    cargo.process().args().forEach(argument -> note.add("arg", argument));
    new TreeMap<>(cargo.process().env())
        .forEach((name, value) -> note.add("env", name + "=" + value));
    return note;
  }

  /** For a guest that only shows that it boots. */
  static GuestNote trial(String seed) {
    var note = new GuestNote();
    note.add("trial", "1");
    note.add("seed", seed);
    return note;
  }

  /** All but one word, as one text. */
  String without(String key, String value) {
    return words.stream()
        .filter(word -> !word.equals(key + "=" + value))
        .collect(Collectors.joining("\0"));
  }

  private void add(String key, String value) {
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a value of '" + key + "' has a NUL in it");
    }
    words.add(key + "=" + value);
  }

  /** The disk's content. */
  byte[] bytes() {
    return bytes(0);
  }

  /**
   * The disk's content, filled up to a size.
   *
   * @throws IllegalArgumentException if it is more than a guest reads
   */
  byte[] bytes(int leastBytes) {
    var out = new ByteArrayOutputStream();
    out.writeBytes(new byte[REPORT_BYTES]);
    for (String word : words) {
      out.writeBytes(word.getBytes(StandardCharsets.UTF_8));
      out.write(0);
    }
    out.write(0);
    out.writeBytes(new byte[Math.max(0, leastBytes - out.size())]);
    out.writeBytes(new byte[(BLOCK - out.size() % BLOCK) % BLOCK]);
    if (out.size() > MOST_BYTES || words.size() > MOST_WORDS) {
      throw new IllegalArgumentException(
          "command, arguments and environment are %d bytes in %d words (at most %d and %d)"
              .formatted(out.size(), words.size(), MOST_BYTES, MOST_WORDS));
    }
    return out.toByteArray();
  }

  void writeTo(Path file, int owner) throws IOException {
    writeTo(file, owner, 0);
  }

  /** With at least so many bytes. */
  void writeTo(Path file, int owner, long leastBytes) throws IOException {
    GuestFiles.create(file, owner);
    Files.write(file, bytes(Math.toIntExact(leastBytes)));
  }
}
