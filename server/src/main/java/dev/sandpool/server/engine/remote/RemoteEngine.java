package dev.sandpool.server.engine.remote;

import dev.sandpool.model.Json;
import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.Consoles;
import dev.sandpool.server.engine.EngineEvent;
import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.engine.IdentityDoor;
import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.engine.SandboxDamage;
import dev.sandpool.server.engine.SandboxEngine;
import dev.sandpool.server.engine.SandboxNetworkException;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.SandboxStartException;
import dev.sandpool.server.engine.SandboxStopException;
import dev.sandpool.server.engine.SandboxUse;
import dev.sandpool.server.image.ImageRoots;
import dev.sandpool.server.image.StoredImage.ImageConfig;
import dev.sandpool.server.image.UnpackException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.NullNode;

/** The engine behind an {@link EngineHost}'s socket, with its unpacked images. */
public final class RemoteEngine implements SandboxEngine, ImageRoots {
  private static final Logger LOG = LoggerFactory.getLogger(RemoteEngine.class);

  /**
   * How long a server waits for its engine.
   *
   * @param start with one that starts for the first time and tries out what runs on its host
   * @param restart in each call, with one that was killed and starts again
   */
  public record Patience(Duration start, Duration restart) {}

  private final EngineClient client;
  private final EngineInfo info;
  private final EventStream events;

  private RemoteEngine(EngineClient client, EngineInfo info) {
    this.client = client;
    this.info = info;
    this.events = new EventStream(client);
  }

  /**
   * Connects; waits for an engine that is not there yet.
   *
   * @throws IOException if it does not come
   */
  public static RemoteEngine connect(Path socket, Patience patience) throws IOException {
    var client = new EngineClient(socket, patience.restart);
    Answer answer = new EngineClient(socket, patience.start).call(new Call.Info());
    if (answer.failure() != null) {
      throw new IOException(answer.failure().message());
    }
    return new RemoteEngine(client, Json.MAPPER.treeToValue(answer.value(), EngineInfo.class));
  }

  @Override
  public EngineInfo info() {
    return info;
  }

  @Override
  public RunningSandbox start(SandboxSpec spec) throws SandboxStartException {
    return Json.MAPPER.treeToValue(started(new Call.Start(spec)).value(), RunningSandbox.class);
  }

  @Override
  public void settled(SandboxSpec spec) throws SandboxStartException {
    if (spec.snapshot() != null) {
      started(new Call.Settled(spec));
    }
  }

  @Override
  public void retainSnapshots(Set<String> names) {
    LOG.debug("snapshots kept of {}: {}", names, value(new Call.RetainSnapshots(names)));
  }

  private Answer started(Call call) throws SandboxStartException {
    Answer answer;
    try {
      answer = client.call(call);
    } catch (IOException e) {
      throw new SandboxStartException(SandboxStartException.Cause.HOST, text(e), e);
    }
    Answer.Failure failure = answer.failure();
    if (failure != null) {
      throw new SandboxStartException(
          failure.kind() == Answer.Kind.IMAGE
              ? SandboxStartException.Cause.IMAGE
              : SandboxStartException.Cause.HOST,
          failure.message());
    }
    return answer;
  }

  @Override
  public void stop(SandboxId sandbox, Duration grace) throws SandboxStopException {
    try {
      Answer answer = client.call(new Call.Stop(sandbox, grace.toMillis()));
      if (answer.failure() != null) {
        throw new SandboxStopException(answer.failure().message());
      }
    } catch (IOException e) {
      throw new SandboxStopException(text(e), e);
    }
  }

  @Override
  public List<RunningSandbox> running() {
    return List.of(Json.MAPPER.treeToValue(value(new Call.Running()), RunningSandbox[].class));
  }

  @Override
  public List<SandboxUse> used(Set<SandboxId> sandboxes) {
    return List.of(Json.MAPPER.treeToValue(value(new Call.Used(sandboxes)), SandboxUse[].class));
  }

  @Override
  public List<String> reclaim(Set<SandboxId> keep) {
    return List.of(Json.MAPPER.treeToValue(value(new Call.Reclaim(keep)), String[].class));
  }

  @Override
  public List<SandboxDamage> inspect() {
    return List.of(Json.MAPPER.treeToValue(value(new Call.Inspect()), SandboxDamage[].class));
  }

  @Override
  public void network(SandboxId sandbox, NetworkStatus network) throws SandboxNetworkException {
    try {
      Answer answer = client.call(new Call.Network(sandbox, network));
      if (answer.failure() != null) {
        throw new SandboxNetworkException(answer.failure().message(), null);
      }
    } catch (IOException e) {
      throw new SandboxNetworkException(text(e), e);
    }
  }

  @Override
  public IdentityDoor identityDoor(int slot) {
    return Json.MAPPER.treeToValue(value(new Call.Door(slot)), IdentityDoor.class);
  }

  @Override
  public void listen(Consumer<EngineEvent> listener) {
    events.listen(listener);
  }

  @Override
  public Optional<InputStream> console(SandboxId sandbox, boolean follow) throws IOException {
    SocketChannel connection = client.begin(new Call.Console(sandbox, follow));
    boolean there = false;
    try {
      var lines = new Lines(connection);
      Answer answer = lines.next(Answer.class);
      if (answer.failure() != null) {
        throw new IOException(answer.failure().message());
      }
      there = answer.value() != null && answer.value().asBoolean();
      return there ? Optional.of(lines.rest()) : Optional.empty();
    } finally {
      if (!there) {
        connection.close();
      }
    }
  }

  @Override
  public Consoles consoles() {
    return new RemoteConsoles(client);
  }

  @Override
  public void leave() throws IOException {
    Answer answer = client.call(new Call.Leave());
    if (answer.failure() != null) {
      throw new IOException(answer.failure().message());
    }
  }

  @Override
  public long unpack(UUID work, String digest, ImageConfig config) throws UnpackException {
    Answer answer;
    try {
      answer = client.call(new Call.Unpack(work, digest, config));
    } catch (IOException e) {
      throw new UnpackException(Long.MAX_VALUE, false, text(e));
    }
    Answer.Failure failure = answer.failure();
    if (failure != null) {
      throw new UnpackException(failure.boundBytes(), failure.boundByDisk(), failure.message());
    }
    return Json.MAPPER.treeToValue(answer.value(), Long.class);
  }

  @Override
  public Set<String> digests() throws IOException {
    return Set.of(Json.MAPPER.treeToValue(value(new Call.Roots()), String[].class));
  }

  @Override
  public void remove(String digest) throws IOException {
    LOG.debug("removing {}: {}", digest, value(new Call.RemoveRoot(digest)));
  }

  private JsonNode value(Call call) {
    try {
      Answer answer = client.call(call);
      if (answer.failure() != null) {
        throw new UncheckedIOException(new IOException(answer.failure().message()));
      }
      return answer.value() == null ? NullNode.getInstance() : answer.value();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String text(IOException e) {
    return e.getMessage() == null ? e.toString() : e.getMessage();
  }

  @Override
  public void close() {
    events.close();
  }
}
