package dev.sandpool.server;

import dev.sandpool.server.linux.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Who the part of the server is that reads requests: a user of its own, without rights on the host.
 *
 * @param uid more than 0
 * @param gid more than 0
 */
record ServerUser(int uid, int gid) {
  ServerUser {
    if (uid <= 0 || gid <= 0) {
      throw new IllegalArgumentException("user " + uid + ":" + gid + " is root, or nobody at all");
    }
  }

  /** From {@code UID:GID}. */
  static ServerUser parse(String text) {
    String[] ids = text.split(":", -1);
    if (ids.length != 2) {
      throw new IllegalArgumentException("'" + text + "' is not UID:GID");
    }
    return new ServerUser(Integer.parseInt(ids[0]), Integer.parseInt(ids[1]));
  }

  /** Makes a file or folder his. */
  void give(Path path) throws IOException {
    if (!Files.getAttribute(path, "unix:uid").equals(uid)) {
      Files.setAttribute(path, "unix:gid", gid);
      Files.setAttribute(path, "unix:uid", uid);
    }
  }

  /** Says in one sentence what to do where a folder above lets him not pass. */
  void requireReach(Path folder) throws IOException {
    if (Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(uid)) {
      return;
    }
    List<String> look =
        List.of(
            "setpriv",
            "--reuid=" + uid,
            "--regid=" + gid,
            "--clear-groups",
            "test",
            "-w",
            folder.toString());
    if (!Command.run(look, "").ok()) {
      throw new IOException(
          "user %d, who the server runs as, cannot enter %s; a folder above it is closed to others: name another data directory, or open it with chmod o+x"
              .formatted(uid, folder));
    }
  }
}
