package dev.sandpool.server.logs;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.ConsolePosition;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * How far each console of a table has been read whose end has not been. Whoever has a table locks
 * it.
 */
final class ReadPositions {
  private final Map<SandboxId, ConsolePosition> positions = new HashMap<>();

  /** Takes up what a stored block says of its console. */
  void remember(LogBlock block) {
    ConsolePosition read = block.read();
    if (read != null && block.ended()) {
      positions.remove(read.sandbox());
    } else if (read != null) {
      positions.put(read.sandbox(), read);
    }
  }

  Map<SandboxId, ConsolePosition> all() {
    return Map.copyOf(positions);
  }

  /** All of them as blocks without rows: what a segment begins with. */
  byte[] encode() {
    List<ByteBuffer> blocks =
        positions.values().stream()
            .map(
                it -> {
                  var origin = new LogOrigin(it.sandbox().toString(), "", "");
                  return BlockFormat.encode(new LogBlock(origin, List.of(), it, false));
                })
            .toList();
    ByteBuffer all = ByteBuffer.allocate(blocks.stream().mapToInt(ByteBuffer::remaining).sum());
    blocks.forEach(all::put);
    return all.array();
  }
}
