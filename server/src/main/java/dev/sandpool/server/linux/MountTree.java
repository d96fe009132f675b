package dev.sandpool.server.linux;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;

/**
 * The kernel's mount calls by descriptor (open_tree(2), mount_setattr(2), move_mount(2)): they
 * alone can translate the owners of a mount's files. Their numbers are the same on every
 * architecture.
 */
public final class MountTree {
  private static final long OPEN_TREE = 428;
  private static final long MOVE_MOUNT = 429;
  private static final long MOUNT_SETATTR = 442;
  private static final long CLOSE_ON_EXEC = 02000000;
  private static final long CLONE = 1;
  private static final long EMPTY_PATH = 0x1000;
  private static final long SOURCE_IS_DESCRIPTOR = 4;
  private static final long HERE = -100;
  private static final long NO_SUID = 2;
  private static final long NO_DEVICES = 4;
  private static final long ID_MAP = 0x0010_0000;
  private static final long ATTRIBUTES_BYTES = 32;

  private MountTree() {}

  /**
   * Mounts what is at {@code source} a second time, at {@code target}, with the owners of its files
   * translated: id 0 on disk is the namespace's id 0 there, and so on. Device nodes and setuid bits
   * have no effect in it.
   *
   * @param users a user namespace
   */
  public static void mountTranslated(Path source, Path target, UserNamespace users)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment nothing = arena.allocateFrom("");
      MemorySegment attributes = arena.allocate(ATTRIBUTES_BYTES, 8);
      attributes.set(JAVA_LONG, 0, ID_MAP | NO_SUID | NO_DEVICES);
      attributes.set(JAVA_LONG, 24, users.descriptor());
      long tree =
          Syscalls.call(
              "opening the mount " + source,
              OPEN_TREE,
              HERE,
              arena.allocateFrom(source.toString()).address(),
              CLONE | CLOSE_ON_EXEC);
      try {
        Syscalls.call(
            "translating owners in " + source,
            MOUNT_SETATTR,
            tree,
            nothing.address(),
            EMPTY_PATH,
            attributes.address(),
            ATTRIBUTES_BYTES);
        Syscalls.call(
            "mounting " + source + " on " + target,
            MOVE_MOUNT,
            tree,
            nothing.address(),
            HERE,
            arena.allocateFrom(target.toString()).address(),
            SOURCE_IS_DESCRIPTOR);
      } finally {
        Syscalls.close((int) tree);
      }
    }
  }
}
