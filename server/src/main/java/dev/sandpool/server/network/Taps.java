package dev.sandpool.server.network;

import dev.sandpool.server.linux.Syscalls;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Interfaces whose other end is a program, a virtual machine's monitor (tun(4)). Numbers are those
 * of the kernel's headers.
 */
final class Taps {
  private static final Path CONTROL = Path.of("/dev/net/tun");
  private static final long SET_INTERFACE = 0x400454caL;
  private static final long SET_PERSISTENT = 0x400454cbL;
  private static final long SET_OWNER = 0x400454ccL;
  private static final int REQUEST_BYTES = 40;
  private static final int REQUEST_FLAGS = 16;

  /** Frames, without a header of the driver's, with virtio's. */
  private static final short FLAGS = 0x0002 | 0x1000 | 0x4000;

  private Taps() {}

  /**
   * Makes one in the calling thread's network namespace, with which it ends.
   *
   * @param owner user that may open it
   */
  static void make(String name, int owner) throws IOException {
    if (!Files.exists(CONTROL)) {
      throw new IOException(
          "this host has no tap devices (" + CONTROL + "); load the kernel module 'tun'");
    }
    int descriptor = Syscalls.open(CONTROL, Syscalls.O_RDWR);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment request = arena.allocate(REQUEST_BYTES, Long.BYTES);
      MemorySegment.copy(
          MemorySegment.ofArray(name.getBytes(StandardCharsets.US_ASCII)),
          0,
          request,
          0,
          name.length());
      request.set(ValueLayout.JAVA_SHORT, REQUEST_FLAGS, FLAGS);
      Syscalls.ioctl(descriptor, SET_INTERFACE, request, "making the interface " + name);
      set(descriptor, SET_OWNER, owner, "giving away the interface " + name);
      set(descriptor, SET_PERSISTENT, 1, "keeping the interface " + name);
    } finally {
      Syscalls.close(descriptor);
    }
  }

  private static void set(int descriptor, long request, int value, String what) throws IOException {
    Syscalls.ioctl(descriptor, request, MemorySegment.ofAddress(value), what);
  }
}
