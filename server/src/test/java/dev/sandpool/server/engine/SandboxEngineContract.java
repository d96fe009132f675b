package dev.sandpool.server.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.time.Patience;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link SandboxEngine} owes its callers.
 *
 * <p>A subclass brings an engine with one image, {@link #IMAGE}: entry point {@code /app/print},
 * command {@code from-image}, environment {@code GREETING=image}, and the programs of {@code
 * SimulatedGuest}.
 */
public abstract class SandboxEngineContract {
  /** The digest of the image that a subclass provides. */
  protected static final String IMAGE = "sha256:" + "1".repeat(64);

  private static final Duration GRACE = Duration.ofMillis(200);
  protected static final Duration SOON = Patience.of(Duration.ofSeconds(20));

  private final List<SandboxExit> exits = new CopyOnWriteArrayList<>();
  private final List<NetworkGuard> guards = new CopyOnWriteArrayList<>();
  private final List<SnapshotLoss> losses = new CopyOnWriteArrayList<>();
  private final List<SandboxId> started = new ArrayList<>();
  protected SandboxEngine engine = new SimulatedEngine();

  /** Opens an engine on the same host and data as the one before, which is closed. */
  protected abstract SandboxEngine open() throws Exception;

  @BeforeEach
  void openEngine() throws Exception {
    engine = open();
    engine.listen(this::happened);
  }

  private void happened(EngineEvent event) {
    switch (event) {
      case SandboxExit exit -> exits.add(exit);
      case NetworkGuard guard -> guards.add(guard);
      case SnapshotLoss loss -> losses.add(loss);
    }
  }

  @AfterEach
  void stopAll() throws Exception {
    for (SandboxId id : started) {
      engine.stop(id, Duration.ZERO);
    }
    engine.close();
    assertThat(losses).isEmpty();
  }

  private void reopen() throws Exception {
    engine.close();
    engine = open();
  }

  private static SandboxSpec spec(int slot, List<String> command, String... args) {
    return new SandboxSpec(
        SandboxId.random(RandomGenerator.getDefault()),
        slot,
        IMAGE,
        command,
        List.of(args),
        Map.of(),
        0.5,
        128L << 20,
        8080,
        NetworkStatus.EGRESS_DISABLED);
  }

  private static SandboxSpec serving(int slot) {
    return spec(slot, List.of("/app/serve"));
  }

  private static SandboxSpec exiting(int slot, int code, String output) {
    return spec(slot, List.of("/app/exit-with"), Integer.toString(code), output);
  }

  private RunningSandbox start(SandboxSpec spec) throws SandboxStartException {
    synchronized (started) {
      started.add(spec.id());
    }
    return begin(spec);
  }

  /** Starts one; an engine that can begin it in more than one way does so in the one under test. */
  protected RunningSandbox begin(SandboxSpec spec) throws SandboxStartException {
    return engine.start(spec);
  }

  private void awaitExitOf(SandboxId id) {
    await().atMost(SOON).until(() -> exits.stream().anyMatch(exit -> exit.id().equals(id)));
  }

  private static int httpStatus(RunningSandbox sandbox, int port) throws IOException {
    var url = URI.create("http://" + sandbox.address() + ":" + port + "/").toURL();
    var connection = (HttpURLConnection) url.openConnection();
    connection.setConnectTimeout((int) Patience.of(Duration.ofSeconds(1)).toMillis());
    connection.setReadTimeout((int) Patience.of(Duration.ofSeconds(5)).toMillis());
    try {
      return connection.getResponseCode();
    } finally {
      connection.disconnect();
    }
  }

  private void awaitConsole(SandboxId id, String text) {
    await().atMost(SOON).until(() -> console(id).contains(text));
  }

  private String console(SandboxId id) throws IOException {
    try (InputStream in = engine.console(id, false).orElseThrow()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @Test
  void aStartedSandboxAnswersOnItsAddress() throws Exception {
    SandboxSpec spec = serving(0);
    RunningSandbox running = start(spec);

    assertThat(running.id()).isEqualTo(spec.id());
    assertThat(running.slot()).isZero();
    assertThat(engine.running()).containsExactly(running);
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(httpStatus(running, 8080)).isEqualTo(200));
  }

  @Test
  void aStoppedSandboxIsGoneAndItsEndIsNotReported() throws Exception {
    SandboxSpec spec = serving(0);
    start(spec);

    engine.stop(spec.id(), GRACE);

    assertThat(engine.running()).isEmpty();
    assertThat(engine.console(spec.id(), false)).isEmpty();
    assertThat(engine.reclaim(Set.of())).isEmpty();
    assertReportedOnly(spec.id(), 0);
  }

  /** An exit that follows proves that an earlier one would have been told by now. */
  private void assertReportedOnly(SandboxId id, long times) throws Exception {
    SandboxSpec later = exiting(9, 0, "later");
    start(later);
    awaitExitOf(later.id());
    assertThat(exits.stream().filter(exit -> exit.id().equals(id)).count()).isEqualTo(times);
  }

  @Test
  void aRepeatedStartAnswersWhatRuns() throws Exception {
    SandboxSpec spec = serving(0);
    RunningSandbox first = start(spec);

    assertThat(begin(spec)).isEqualTo(first);
    assertThat(engine.running()).containsExactly(first);
  }

  @Test
  void aRepeatedStopAndOneOfAnUnknownSandboxDoNothing() throws Exception {
    SandboxSpec spec = serving(0);
    start(spec);
    engine.stop(spec.id(), GRACE);

    engine.stop(spec.id(), GRACE);
    engine.stop(SandboxId.random(RandomGenerator.getDefault()), GRACE);

    assertThat(engine.running()).isEmpty();
  }

  @Test
  void anExitIsReportedOnceWithCodeAndLastOutput() throws Exception {
    SandboxSpec spec = exiting(0, 7, "out of luck");
    start(spec);
    awaitExitOf(spec.id());

    SandboxExit exit = exits.getFirst();
    assertThat(exit.exitCode()).isEqualTo(7);
    assertThat(exit.outOfMemory()).isFalse();
    assertThat(exit.lastOutput()).contains("out of luck");
    assertThat(engine.running()).isEmpty();
    assertThat(console(spec.id())).contains("out of luck");

    engine.stop(spec.id(), GRACE);
    assertReportedOnly(spec.id(), 1);
  }

  @Test
  void anExitWhileTheServerWasAwayIsReportedAfterwards() throws Exception {
    SandboxSpec spec = exiting(0, 9, "while away");
    start(spec);
    await().atMost(SOON).until(() -> engine.running().isEmpty());
    exits.clear();

    reopen();
    engine.listen(this::happened);

    awaitExitOf(spec.id());
    assertThat(exits.getFirst().exitCode()).isEqualTo(9);
  }

  @Test
  void anExitBeforeTheListenerIsReportedToIt() throws Exception {
    reopen();
    SandboxSpec spec = exiting(0, 3, "early");
    start(spec);
    await().atMost(SOON).until(() -> engine.running().isEmpty());

    engine.listen(this::happened);

    awaitExitOf(spec.id());
  }

  @Test
  void sandboxesSurviveTheirServer() throws Exception {
    RunningSandbox first = start(serving(0));
    RunningSandbox second = start(serving(1));

    reopen();

    assertThat(engine.running()).containsExactlyInAnyOrder(first, second);
    engine.stop(first.id(), GRACE);
    assertThat(engine.running()).containsExactly(second);
  }

  @Test
  void anExitAfterAdoptionIsReported() throws Exception {
    RunningSandbox adopted = start(spec(0, List.of("/app/serve-then-exit"), "4"));
    reopen();
    engine.listen(this::happened);

    end(adopted, 4);

    awaitExitOf(adopted.id());
    assertThat(exits.getFirst().exitCode()).isEqualTo(4);
  }

  @Test
  void aListenerIsToldAtOnceThatTheRulesAreInForce() throws Exception {
    guards.clear();

    engine.listen(this::happened);

    await().atMost(SOON).until(() -> guards.stream().anyMatch(NetworkGuard::inForce));
  }

  @Test
  void aNetworkIsChangedAgainAndAgainAndOfNoSandboxToo() throws Exception {
    SandboxSpec base = serving(0);
    SandboxSpec spec = withNetwork(base, NetworkStatus.EGRESS_ENABLED);
    RunningSandbox running = start(spec);

    engine.network(spec.id(), NetworkStatus.EGRESS_DISABLED);
    engine.network(spec.id(), NetworkStatus.EGRESS_DISABLED);
    engine.network(spec.id(), NetworkStatus.EGRESS_ENABLED);
    engine.network(spec.id(), NetworkStatus.EGRESS_DISABLED);
    engine.network(SandboxId.random(RandomGenerator.getDefault()), NetworkStatus.EGRESS_DISABLED);

    assertThat(engine.running()).containsExactly(running);
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(httpStatus(running, 8080)).isEqualTo(200));
  }

  /** Makes a sandbox that runs {@code /app/serve-then-exit CODE} end by itself. */
  protected abstract void end(RunningSandbox sandbox, int exitCode) throws Exception;

  @Test
  void reclaimFreesAllButWhatIsKept() throws Exception {
    RunningSandbox kept = start(serving(0));
    RunningSandbox leftover = start(serving(1));

    List<String> freed = engine.reclaim(Set.of(kept.id()));

    assertThat(freed).hasSize(1).allMatch(name -> name.endsWith(leftover.id().value()));
    assertThat(engine.running()).containsExactly(kept);
    assertThat(engine.reclaim(Set.of(kept.id()))).isEmpty();
  }

  @Test
  void aMissingEntryPointIsTheImagesFaultAndLeavesNothing() {
    SandboxSpec spec = spec(0, List.of("/missing/program"));

    assertThatThrownBy(() -> start(spec))
        .isInstanceOfSatisfying(
            SandboxStartException.class,
            failure -> {
              assertThat(failure.kind()).isEqualTo(SandboxStartException.Cause.IMAGE);
              assertThat(failure).hasMessageContaining("/missing/program");
            });
    assertThat(engine.running()).isEmpty();
    assertThat(engine.reclaim(Set.of())).isEmpty();
    assertThat(exits).isEmpty();
  }

  @Test
  void anImageThatIsNotHereIsNamed() {
    SandboxSpec known = serving(0);
    String digest = "sha256:" + "f".repeat(64);
    var spec =
        new SandboxSpec(
            known.id(),
            0,
            digest,
            List.of(),
            List.of(),
            Map.of(),
            0.5,
            64L << 20,
            80,
            NetworkStatus.EGRESS_DISABLED);

    assertThatThrownBy(() -> start(spec))
        .isInstanceOf(SandboxStartException.class)
        .hasMessageContaining(digest);
    assertThat(engine.reclaim(Set.of())).isEmpty();
  }

  @Test
  void aMemoryHogEndsAsOutOfMemory() throws Exception {
    SandboxSpec spec = spec(0, List.of("/app/hog"));
    start(spec);
    awaitExitOf(spec.id());

    assertThat(exits.getFirst().outOfMemory()).isTrue();
    assertThat(exits.getFirst().exitCode()).isEqualTo(137);
  }

  @Test
  void theImagesEntryPointAndCommandRunWhereTheSpecSaysNothing() throws Exception {
    SandboxSpec spec = spec(0, List.of());
    start(spec);
    awaitConsole(spec.id(), "stdout F args: from-image\n");
  }

  @Test
  void argsReplaceTheImagesCommandOnly() throws Exception {
    SandboxSpec spec = spec(0, List.of(), "one", "two");
    start(spec);
    awaitConsole(spec.id(), "args: one two\n");
  }

  @Test
  void aCommandReplacesTheEntryPointAndDropsTheImagesCommand() throws Exception {
    SandboxSpec spec = spec(0, List.of("/app/print", "mine"));
    start(spec);
    awaitConsole(spec.id(), "args: mine\n");
  }

  @Test
  void environmentOfTheSpecIsStrongerThanTheImages() throws Exception {
    SandboxSpec base = spec(0, List.of("/app/show-env"), "GREETING", "OTHER");
    start(withEnv(base, Map.of("OTHER", "spaces and = signs")));
    awaitConsole(base.id(), "F GREETING=image\n");
    awaitConsole(base.id(), "F OTHER=spaces and = signs\n");

    SandboxSpec second = spec(1, List.of("/app/show-env"), "GREETING");
    start(withEnv(second, Map.of("GREETING", "spec")));
    awaitConsole(second.id(), "F GREETING=spec\n");
  }

  private static SandboxSpec withNetwork(SandboxSpec spec, NetworkStatus network) {
    return new SandboxSpec(
        spec.id(),
        spec.slot(),
        spec.imageDigest(),
        spec.command(),
        spec.args(),
        spec.env(),
        spec.cpu(),
        spec.memoryBytes(),
        spec.targetPort(),
        network);
  }

  private static SandboxSpec withEnv(SandboxSpec spec, Map<String, String> env) {
    return new SandboxSpec(
        spec.id(),
        spec.slot(),
        spec.imageDigest(),
        spec.command(),
        spec.args(),
        env,
        spec.cpu(),
        spec.memoryBytes(),
        spec.targetPort(),
        spec.network());
  }

  @Test
  void aFollowedConsoleEndsWithItsSandbox() throws Exception {
    SandboxSpec spec = spec(0, List.of("/app/print"), "hello");
    start(spec);
    try (var reader =
        new BufferedReader(
            new InputStreamReader(
                engine.console(spec.id(), true).orElseThrow(), StandardCharsets.UTF_8))) {
      assertThat(reader.readLine()).matches("\\S+ stdout F args: hello");
      engine.stop(spec.id(), Duration.ZERO);
      assertThat(reader.readLine()).isNull();
    }
  }

  @Test
  void aConsoleIsReadByPositionEachByteOnceAndToItsEndAfterAStop() throws Exception {
    SandboxSpec spec = spec(0, List.of("/app/print"), "hello");
    start(spec);
    awaitConsole(spec.id(), "args: hello");
    Consoles consoles = engine.consoles();

    ConsoleChunk first = chunk(consoles, ConsolePosition.start(spec.id()));
    assertThat(new String(first.bytes(), StandardCharsets.UTF_8)).contains("F args: hello\n");
    assertThat(first.ended()).isFalse();
    assertThat(consoles.read(List.of(after(first)), 1 << 16)).isEmpty();

    engine.stop(spec.id(), Duration.ZERO);
    reopen();
    consoles = engine.consoles();
    ConsoleChunk last = chunk(consoles, after(first));
    assertThat(last.ended()).isTrue();
    assertThat(last.gap()).isFalse();
    String again =
        new String(
            chunk(consoles, ConsolePosition.start(spec.id())).bytes(), StandardCharsets.UTF_8);
    assertThat(again).startsWith(new String(first.bytes(), StandardCharsets.UTF_8));
    assertThat(consoles.ended()).contains(spec.id());

    consoles.release(spec.id());
    assertThat(consoles.ended()).doesNotContain(spec.id());
    assertThat(consoles.read(List.of(after(first)), 1 << 16)).isEmpty();
  }

  private static ConsoleChunk chunk(Consoles consoles, ConsolePosition at) throws IOException {
    List<ConsoleChunk> chunks = consoles.read(List.of(at), 1 << 16);
    assertThat(chunks).hasSize(1);
    return chunks.getFirst();
  }

  private static ConsolePosition after(ConsoleChunk chunk) {
    return new ConsolePosition(
        chunk.sandbox(),
        chunk.generation(),
        chunk.offset() + chunk.bytes().length,
        chunk.complete());
  }

  @Test
  void sandboxesStartInParallelOnAddressesOfTheirOwn() throws Exception {
    List<RunningSandbox> running = new ArrayList<>();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Future<RunningSandbox>> starts = new ArrayList<>();
      for (int slot = 0; slot < 4; slot++) {
        SandboxSpec spec = serving(slot);
        starts.add(threads.submit(() -> start(spec)));
      }
      for (Future<RunningSandbox> start : starts) {
        running.add(get(start));
      }
    }
    assertThat(running).extracting(RunningSandbox::address).doesNotHaveDuplicates();
    assertThat(engine.running()).containsExactlyInAnyOrderElementsOf(running);
  }

  private static RunningSandbox get(Future<RunningSandbox> start)
      throws InterruptedException, ExecutionException {
    return start.get();
  }
}
