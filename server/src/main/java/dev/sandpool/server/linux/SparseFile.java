package dev.sandpool.server.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Where a file has data; the rest are holes. */
public final class SparseFile {
  private SparseFile() {}

  /** Data from one offset to before another. */
  public record Extent(long from, long to) {}

  /** All extents, in their order. */
  public static List<Extent> extents(Path file) throws IOException {
    List<Extent> extents = new ArrayList<>();
    int descriptor = Syscalls.open(file, Syscalls.O_RDONLY);
    try {
      long from = nextData(descriptor, 0);
      while (from >= 0) {
        long to = Syscalls.seek(descriptor, from, Syscalls.SEEK_HOLE);
        extents.add(new Extent(from, to));
        from = nextData(descriptor, to);
      }
    } finally {
      Syscalls.close(descriptor);
    }
    return extents;
  }

  /** Where data begins at or after that place; -1 where there is none. */
  private static long nextData(int descriptor, long offset) throws IOException {
    try {
      return Syscalls.seek(descriptor, offset, Syscalls.SEEK_DATA);
    } catch (Syscalls.SyscallException e) {
      if (e.errno() == Syscalls.ENXIO) {
        return -1;
      }
      throw e;
    }
  }
}
