package dev.sandpool.server;

import java.io.IOException;
import java.nio.file.Path;

/** Another server has the data directory; the message names it. */
public final class DataDirectoryBusyException extends IOException {
  private static final long serialVersionUID = 1L;

  DataDirectoryBusyException(Path directory, String holder) {
    super(
        "data directory "
            + directory
            + " belongs to a running server ("
            + (holder.isBlank() ? "which is starting" : holder)
            + "); end that one or name another --data-dir");
  }
}
