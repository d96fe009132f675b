package dev.sandpool.server.management;

import dev.sandpool.model.SandboxId;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/** Opens what a sandbox has written; the engine's {@code console}. */
@FunctionalInterface
public interface ConsoleReader {
  /**
   * Its lines from the oldest kept one on; empty where there is no such sandbox.
   *
   * @param follow whether the stream goes on as long as the sandbox lives; closing it from another
   *     thread must end a read that waits
   */
  Optional<InputStream> open(SandboxId sandbox, boolean follow) throws IOException;
}
