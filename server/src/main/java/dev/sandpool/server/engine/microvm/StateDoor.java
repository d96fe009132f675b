package dev.sandpool.server.engine.microvm;

import dev.sandpool.server.linux.Syscalls;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where a pattern's monitor brings the state of its devices: a socket in a folder that it sees and
 * cannot write to. What comes is bounded and read by no program but QEMU, in another such jail.
 */
final class StateDoor implements AutoCloseable {
  /** Some 80 KiB come; a monitor that was taken over could send without end. */
  private static final int MOST_BYTES = 16 << 20;

  private static final long PAUSE_NANOS = 1_000_000;

  private final Path socket;
  private final ServerSocketChannel door;

  private StateDoor(Path socket, ServerSocketChannel door) {
    this.socket = socket;
    this.door = door;
  }

  static StateDoor open(Path folder) throws IOException {
    Path socket = folder.resolve("state");
    Files.deleteIfExists(socket);
    ServerSocketChannel door = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    int folderDescriptor = -1;
    try {
      // A socket's path has room for 107 bytes.
      folderDescriptor = Syscalls.open(folder, Syscalls.O_RDONLY);
      door.bind(UnixDomainSocketAddress.of("/proc/self/fd/" + folderDescriptor + "/state"));
      Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString("rw-rw-rw-"));
      door.configureBlocking(false);
      return new StateDoor(socket, door);
    } catch (IOException | RuntimeException e) {
      door.close();
      throw e;
    } finally {
      if (folderDescriptor >= 0) {
        Syscalls.close(folderDescriptor);
      }
    }
  }

  /**
   * Takes the state, and answers when it is complete.
   *
   * @param late whether it is no use waiting any longer
   * @throws IOException if it does not come, or not all of it
   */
  void take(Path file, BooleanSupplier late) throws IOException {
    try (SocketChannel monitor = accept(late);
        FileChannel out =
            FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      monitor.configureBlocking(false);
      ByteBuffer chunk = ByteBuffer.allocate(1 << 16);
      byte last = 0;
      long sum = 0;
      for (int length; (length = monitor.read(chunk.clear())) >= 0; ) {
        if (length == 0) {
          pause(late);
          continue;
        }
        sum += length;
        if (sum > MOST_BYTES) {
          throw new IOException("the state of its devices has more than " + MOST_BYTES + " bytes");
        }
        last = chunk.get(length - 1);
        out.write(chunk.flip());
      }
      // The stream's end describes it as a JSON object.
      if (last != '}') {
        throw new IOException("the state of its devices is not complete (" + sum + " bytes)");
      }
    }
  }

  private SocketChannel accept(BooleanSupplier late) throws IOException {
    @Nullable SocketChannel monitor;
    while ((monitor = door.accept()) == null) {
      pause(late);
    }
    return monitor;
  }

  private static void pause(BooleanSupplier late) throws IOException {
    if (late.getAsBoolean()) {
      throw new IOException("the state of its devices does not come");
    }
    LockSupport.parkNanos(PAUSE_NANOS);
  }

  @Override
  public void close() throws IOException {
    door.close();
    Files.deleteIfExists(socket);
  }
}
