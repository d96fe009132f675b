package dev.sandpool.server.doctor;

import dev.sandpool.server.linux.Command;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether only their owner can read the server's own folder and the keys in it. */
record DataDirectoryCheck(ServerFolder folder) implements Check.Repair {
  private static final Set<PosixFilePermission> OWNER =
      Set.of(
          PosixFilePermission.OWNER_READ,
          PosixFilePermission.OWNER_WRITE,
          PosixFilePermission.OWNER_EXECUTE);

  /**
   * A file or directory that only its owner may read.
   *
   * @param permissions empty where it is not there
   */
  record Facts(String name, Path path, Optional<Set<PosixFilePermission>> permissions) {
    boolean open() {
      return permissions.isPresent() && !OWNER.containsAll(permissions.get());
    }
  }

  @Override
  public List<Finding> examine() throws IOException {
    if (!Files.exists(folder.root())) {
      return List.of(Finding.ok("directory", folder.root() + " is made at the first start"));
    }
    boolean used = folder.instance().isPresent();
    return read().stream().map(facts -> judge(facts, used)).toList();
  }

  @Override
  public List<String> repair() throws IOException {
    List<String> done = new ArrayList<>();
    if (folder.instance().isEmpty()) {
      // Not a server's, so its permissions are nobody's business here.
      return done;
    }
    for (Facts facts : read()) {
      if (facts.open()) {
        done.add(close(facts.path()));
      }
    }
    return done;
  }

  /**
   * With no more rights than whose folder it is: he may put a link to any file of the host there.
   */
  private String close(Path path) throws IOException {
    if (Files.isSymbolicLink(path)) {
      return "left " + path + " alone: it is a link, which no server makes";
    }
    Command.require(
        List.of(
            "setpriv",
            "--reuid=" + Files.getAttribute(folder.own(), "unix:uid", LinkOption.NOFOLLOW_LINKS),
            "--regid=" + Files.getAttribute(folder.own(), "unix:gid", LinkOption.NOFOLLOW_LINKS),
            "--clear-groups",
            "chmod",
            Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS) ? "700" : "600",
            path.toString()),
        "");
    return "closed " + path + " to others";
  }

  /**
   * @param used whether a server has made it
   */
  static Finding judge(Facts facts, boolean used) {
    if (facts.permissions().isEmpty()) {
      return Finding.ok(facts.name(), "not there yet");
    }
    String found = facts.path() + " " + PosixFilePermissions.toString(facts.permissions().get());
    if (!facts.open() || !used) {
      return Finding.ok(facts.name(), found);
    }
    return Finding.failed(
        facts.name(),
        found,
        "other users of this host can read secrets of pools or log in as administrator",
        "sandpool doctor --fix closes it; then renew what was in it");
  }

  private List<Facts> read() throws IOException {
    List<Facts> facts = new ArrayList<>();
    facts.add(read("directory", folder.own()));
    facts.add(read("data key", folder.dataKey()));
    facts.add(read("login", folder.admin()));
    return facts;
  }

  private static Facts read(String name, Path path) throws IOException {
    return new Facts(
        name,
        path,
        Files.exists(path, LinkOption.NOFOLLOW_LINKS)
            ? Optional.of(Files.getPosixFilePermissions(path, LinkOption.NOFOLLOW_LINKS))
            : Optional.empty());
  }
}
