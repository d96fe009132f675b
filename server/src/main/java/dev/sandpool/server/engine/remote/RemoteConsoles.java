package dev.sandpool.server.engine.remote;

import dev.sandpool.model.Json;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.ConsoleChunk;
import dev.sandpool.server.engine.ConsolePosition;
import dev.sandpool.server.engine.Consoles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/** The consoles of the engine behind the socket. */
record RemoteConsoles(EngineClient client) implements Consoles {
  /** A call is one line, which has a bound; so is what the engine holds in memory to answer. */
  static final int AT_ONCE = 64;

  @Override
  public List<ConsoleChunk> read(List<ConsolePosition> positions, int maxBytes) throws IOException {
    List<ConsoleChunk> chunks = new ArrayList<>();
    for (int from = 0; from < positions.size(); from += AT_ONCE) {
      int to = Math.min(positions.size(), from + AT_ONCE);
      chunks.addAll(readSome(positions.subList(from, to), maxBytes));
    }
    return chunks;
  }

  private List<ConsoleChunk> readSome(List<ConsolePosition> positions, int maxBytes)
      throws IOException {
    try (SocketChannel connection = client.begin(new Call.ReadConsoles(positions, maxBytes))) {
      var lines = new Lines(connection);
      JsonNode heads = value(lines.next(Answer.class));
      InputStream bytes = lines.rest();
      List<ConsoleChunk> chunks = new ArrayList<>();
      for (ChunkHead head : Json.MAPPER.treeToValue(heads, ChunkHead[].class)) {
        chunks.add(head.with(bytes));
      }
      return chunks;
    }
  }

  @Override
  public Set<SandboxId> ended() throws IOException {
    JsonNode ids = value(client.call(new Call.EndedConsoles()));
    return Set.of(Json.MAPPER.treeToValue(ids, SandboxId[].class));
  }

  @Override
  public void release(SandboxId sandbox) throws IOException {
    Answer answer = client.call(new Call.ReleaseConsole(sandbox));
    if (answer.failure() != null) {
      throw new IOException(answer.failure().message());
    }
  }

  private static JsonNode value(Answer answer) throws IOException {
    JsonNode value = answer.value();
    if (answer.failure() != null || value == null) {
      throw new IOException(
          answer.failure() == null ? "the engine answered nothing" : answer.failure().message());
    }
    return value;
  }
}
