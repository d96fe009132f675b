package dev.sandpool.server.engine.remote;

import dev.sandpool.server.engine.EngineEvent;
import dev.sandpool.server.engine.NetworkGuard;
import dev.sandpool.server.engine.SandboxExit;
import dev.sandpool.server.engine.SnapshotLoss;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** An {@link EngineEvent} on the socket: exactly one of the fields is there. */
record Event(
    @Nullable SandboxExit exit, @Nullable NetworkGuard guard, @Nullable SnapshotLoss loss) {
  static Event of(EngineEvent event) {
    return switch (event) {
      case SandboxExit exit -> new Event(exit, null, null);
      case NetworkGuard guard -> new Event(null, guard, null);
      case SnapshotLoss loss -> new Event(null, null, loss);
    };
  }

  EngineEvent value() throws IOException {
    if (exit != null) {
      return exit;
    }
    if (guard != null) {
      return guard;
    }
    if (loss != null) {
      return loss;
    }
    throw new IOException("an event of a kind that is not known");
  }
}
