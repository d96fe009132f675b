package dev.sandpool.server.doctor;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Room for images and for what sandboxes write. */
record DiskCheck(ServerFolder folder) implements Check.Examination {
  /** A large image unpacked, and some. */
  private static final long LITTLE = 4L << 30;

  /** A file system; sizes in bytes. */
  record Facts(Path path, String type, long usable, long total) {}

  @Override
  public List<Finding> examine() throws IOException {
    Path path = folder.root();
    while (!Files.exists(path) && path.getParent() != null) {
      path = path.getParent();
    }
    FileStore store = Files.getFileStore(path);
    return List.of(
        judge(new Facts(path, store.type(), store.getUsableSpace(), store.getTotalSpace())));
  }

  static Finding judge(Facts facts) {
    String found =
        "%s of %s free on the %s at %s"
            .formatted(
                Amount.of(facts.usable()), Amount.of(facts.total()), facts.type(), facts.path());
    if (facts.type().equals("tmpfs")) {
      return Finding.warning(
          "data directory",
          found,
          "images and sandboxes take memory that no limit counts, and are gone after a reboot",
          "choose --data-dir on a disk");
    }
    if (facts.usable() < LITTLE) {
      return Finding.warning(
          "data directory",
          found,
          "pulls are refused and sandboxes meet a full disk",
          "make room there, remove images (sandpool image remove), or choose another --data-dir");
    }
    return Finding.ok("data directory", found);
  }
}
