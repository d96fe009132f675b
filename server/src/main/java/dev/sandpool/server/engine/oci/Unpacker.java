package dev.sandpool.server.engine.oci;

import dev.sandpool.server.linux.Command;
import dev.sandpool.server.linux.UserNamespace;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * umoci, run as a user who owns nothing on this host and is root only of the file system that it
 * unpacks into: whatever a hostile layer makes of it ends there.
 */
final class Unpacker {
  /** In bytes: the layout may be made to need any amount. */
  private static final long MEMORY = 2L << 30;

  /** What unpacking needs of root's rights, over files of its own user namespace alone. */
  private static final String CAPABILITIES = "-all,+chown,+dac_override,+fowner,+fsetid,+setfcap";

  /**
   * Relative names, because umoci takes everything behind a colon for the tag; the folder is
   * entered without our rights. Without the sync a power loss leaves empty files in an image that
   * looks whole. Warnings are as many as the layer has extended attributes, and nobody reads them.
   */
  private static final String SCRIPT =
      "cd \"$1\" && umoci --log=error raw unpack --image oci:image \"$2/rootfs\" && sync -f \"$2/rootfs\"";

  private final int firstUserId;
  private final Duration deadline;

  /**
   * @param firstUserId of the range of 65536 users that own nothing
   * @param deadline after which it is killed, with all that it has started
   */
  Unpacker(int firstUserId, Duration deadline) {
    this.firstUserId = firstUserId;
    this.deadline = deadline;
  }

  /**
   * Unpacks the layout {@code oci} in {@code work} into the folder {@code rootfs} of a disk that
   * nobody else uses.
   *
   * @param full whether it must stop, because others need what is left of the host's disk
   * @throws IOException also if it is not done in time or was stopped, saying so
   */
  Command.Result unpack(Path work, RootDisk disk, Path view, BooleanSupplier full)
      throws IOException {
    try (UserNamespace users = UserNamespace.create(firstUserId)) {
      disk.showTo(users, view);
      try {
        return Command.run(command(users, work, view), "", deadline, full);
      } catch (Command.LateException e) {
        throw new IOException("unpacking was not done after " + deadline.toSeconds() + " s", e);
      } catch (Command.StoppedException e) {
        throw new IOException("no space left on device but what must stay free", e);
      } finally {
        disk.hide(view);
      }
    }
  }

  /**
   * With {@code unshare}, which is the one to kill, all of it ends. It has no terminal to write to,
   * and when memory is short it goes first.
   */
  private static List<String> command(UserNamespace users, Path work, Path view) {
    // Unpacking is bound by the disk: sandboxes that run come first.
    return List.of(
        "nice",
        "-n",
        "19",
        "ionice",
        "-t",
        "-c",
        "3",
        "setsid",
        "choom",
        "-n",
        "1000",
        "--",
        "prlimit",
        "--data=" + MEMORY,
        "nsenter",
        "--user=" + users.path(),
        // Behind all that changes users: the kernel forgets then whose death is to be died.
        "unshare",
        "--net",
        "--ipc",
        "--pid",
        "--fork",
        "--kill-child=KILL",
        "setpriv",
        "--no-new-privs",
        "--bounding-set=" + CAPABILITIES,
        "sh",
        "-c",
        SCRIPT,
        "sh",
        work.toString(),
        view.toString());
  }
}
