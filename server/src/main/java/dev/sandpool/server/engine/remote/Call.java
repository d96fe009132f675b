package dev.sandpool.server.engine.remote;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.ConsolePosition;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.image.StoredImage.ImageConfig;
import java.util.List;
import java.util.Set;
import java.util.UUID;

/**
 * One call over the engine's socket, a line of JSON on a connection of its own: ids, digests and
 * numbers, never a path. Every call may be repeated.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "call")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Call.Info.class, name = "info"),
  @JsonSubTypes.Type(value = Call.Start.class, name = "start"),
  @JsonSubTypes.Type(value = Call.Settled.class, name = "settled"),
  @JsonSubTypes.Type(value = Call.RetainSnapshots.class, name = "retainSnapshots"),
  @JsonSubTypes.Type(value = Call.Stop.class, name = "stop"),
  @JsonSubTypes.Type(value = Call.Running.class, name = "running"),
  @JsonSubTypes.Type(value = Call.Used.class, name = "used"),
  @JsonSubTypes.Type(value = Call.Reclaim.class, name = "reclaim"),
  @JsonSubTypes.Type(value = Call.Inspect.class, name = "inspect"),
  @JsonSubTypes.Type(value = Call.Network.class, name = "network"),
  @JsonSubTypes.Type(value = Call.Door.class, name = "door"),
  @JsonSubTypes.Type(value = Call.Listen.class, name = "listen"),
  @JsonSubTypes.Type(value = Call.Console.class, name = "console"),
  @JsonSubTypes.Type(value = Call.ReadConsoles.class, name = "readConsoles"),
  @JsonSubTypes.Type(value = Call.EndedConsoles.class, name = "endedConsoles"),
  @JsonSubTypes.Type(value = Call.ReleaseConsole.class, name = "releaseConsole"),
  @JsonSubTypes.Type(value = Call.Leave.class, name = "leave"),
  @JsonSubTypes.Type(value = Call.Unpack.class, name = "unpack"),
  @JsonSubTypes.Type(value = Call.Roots.class, name = "roots"),
  @JsonSubTypes.Type(value = Call.RemoveRoot.class, name = "removeRoot")
})
sealed interface Call {
  record Info() implements Call {}

  record Start(SandboxSpec spec) implements Call {}

  record Settled(SandboxSpec spec) implements Call {}

  record RetainSnapshots(Set<String> names) implements Call {}

  record Stop(SandboxId sandbox, long graceMillis) implements Call {}

  record Running() implements Call {}

  record Used(Set<SandboxId> sandboxes) implements Call {}

  record Reclaim(Set<SandboxId> keep) implements Call {}

  record Inspect() implements Call {}

  record Network(SandboxId sandbox, NetworkStatus network) implements Call {}

  record Door(int slot) implements Call {}

  /** Answered by one event a line, as long as the connection lives. */
  record Listen() implements Call {}

  /** Answered by whether there is one, and then by its bytes. */
  record Console(SandboxId sandbox, boolean follow) implements Call {}

  /** Answered by {@link ChunkHead}s, and then by the bytes of all of them in their order. */
  record ReadConsoles(List<ConsolePosition> positions, int maxBytes) implements Call {}

  record EndedConsoles() implements Call {}

  record ReleaseConsole(SandboxId sandbox) implements Call {}

  record Leave() implements Call {}

  record Unpack(UUID work, String digest, ImageConfig config) implements Call {}

  record Roots() implements Call {}

  record RemoveRoot(String digest) implements Call {}
}
