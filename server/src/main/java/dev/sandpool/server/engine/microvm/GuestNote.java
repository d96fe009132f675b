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

/**
 * What a guest shall run, on a small disk that only it reads: secrets among the environment pass
 * neither over the network nor on a command line. images/microvm/init.c reads it.
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
   * For a sandbox.
   *
   * @param seed hexadecimal digits that nobody else has: where the guest's random numbers begin
   * @param files that each process may have open
   * @param processes at most
   */
  static GuestNote of(Vessel.Cargo cargo, String seed, long files, int processes) {
    var note = new GuestNote();
    ImageUser user = cargo.process().user();
    note.add("host", cargo.spec().id().value());
    note.add("seed", seed);
    note.add("address", cargo.slot().guestAddress());
    note.add("gateway", cargo.slot().hostAddress());
    note.add("egress", cargo.slot().egress() ? "1" : "0");
    cargo.resolvers().forEach(resolver -> note.add("resolver", resolver));
    note.add("memory", Long.toString(cargo.spec().memoryBytes()));
    note.add("processes", Integer.toString(processes));
    note.add("files", Long.toString(files));
    note.add("uid", Long.toString(user.uid()));
    note.add("gid", Long.toString(user.gid()));
    user.groups().forEach(group -> note.add("group", Long.toString(group)));
    note.add("cwd", cargo.process().cwd());
    cargo.process().args().forEach(argument -> note.add("arg", argument));
    cargo.process().env().forEach((name, value) -> note.add("env", name + "=" + value));
    return note;
  }

  /** For a guest that only shows that it boots. */
  static GuestNote trial(String seed) {
    var note = new GuestNote();
    note.add("trial", "1");
    note.add("seed", seed);
    return note;
  }

  private void add(String key, String value) {
    if (value.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a value of '" + key + "' has a NUL in it");
    }
    words.add(key + "=" + value);
  }

  /**
   * The disk's content.
   *
   * @throws IllegalArgumentException if it is more than a guest reads
   */
  byte[] bytes() {
    var out = new ByteArrayOutputStream();
    out.writeBytes(new byte[REPORT_BYTES]);
    for (String word : words) {
      out.writeBytes(word.getBytes(StandardCharsets.UTF_8));
      out.write(0);
    }
    out.write(0);
    out.writeBytes(new byte[(BLOCK - out.size() % BLOCK) % BLOCK]);
    if (out.size() > MOST_BYTES || words.size() > MOST_WORDS) {
      throw new IllegalArgumentException(
          "command, arguments and environment are %d bytes in %d words (at most %d and %d)"
              .formatted(out.size(), words.size(), MOST_BYTES, MOST_WORDS));
    }
    return out.toByteArray();
  }

  void writeTo(Path file, int owner) throws IOException {
    GuestFiles.create(file, owner);
    Files.write(file, bytes());
  }
}
