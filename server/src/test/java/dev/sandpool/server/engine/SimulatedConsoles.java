package dev.sandpool.server.engine;

import dev.sandpool.model.SandboxId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The consoles of a {@link SimulatedHost}: each has one generation, and stays until released. */
final class SimulatedConsoles implements Consoles {
  private final SimulatedHost host;
  private final Map<SandboxId, byte[]> gone = new ConcurrentHashMap<>();

  SimulatedConsoles(SimulatedHost host) {
    this.host = host;
  }

  void keep(SimulatedSandbox sandbox) {
    gone.put(sandbox.spec().id(), text(sandbox));
  }

  @Override
  public List<ConsoleChunk> read(List<ConsolePosition> positions, int maxBytes) {
    List<ConsoleChunk> chunks = new ArrayList<>();
    for (ConsolePosition position : positions) {
      SandboxId id = position.sandbox();
      byte[] last = gone.get(id);
      byte[] all = host.find(id).map(SimulatedConsoles::text).orElse(last);
      if (all != null) {
        boolean ended = host.find(id).isEmpty();
        int from = (int) Math.min(position.offset(), all.length);
        int to = Math.min(all.length, from + maxBytes);
        if (to > from || ended) {
          chunks.add(
              new ConsoleChunk(
                  id,
                  1,
                  from,
                  false,
                  ended && to == all.length,
                  false,
                  ConsoleChunk.Next.NONE,
                  Arrays.copyOfRange(all, from, to)));
        }
      }
    }
    return chunks;
  }

  private static byte[] text(SimulatedSandbox sandbox) {
    return sandbox.text().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public Set<SandboxId> ended() {
    return Set.copyOf(gone.keySet());
  }

  @Override
  public void release(SandboxId sandbox) {
    gone.remove(sandbox);
  }
}
