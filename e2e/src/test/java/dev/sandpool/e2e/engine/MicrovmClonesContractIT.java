package dev.sandpool.e2e.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.engine.SandboxEngine;
import dev.sandpool.server.engine.SandboxSpec;
import dev.sandpool.server.engine.SandboxStartException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeAll;

/**
 * The contract kit on clones of virtual machines: whatever serves was a pattern or is a clone of
 * one. What only prints or ends by itself boots, as it does before it has passed a startup probe.
 */
class MicrovmClonesContractIT extends MicrovmEngineContract {
  /** Snapshots of the tests before, which the next ones begin with. */
  private static final Path KEPT = Path.of("target/microvm-contract-snapshots");

  @BeforeAll
  static void forgetFormerRuns() throws Exception {
    run("rm", "-rf", KEPT.toString());
  }

  @Override
  protected SandboxEngine open() throws Exception {
    Path own = dataDir.resolve("snapshots");
    if (Files.isDirectory(KEPT) && !Files.exists(own)) {
      link(KEPT, own);
    }
    return super.open();
  }

  @Override
  protected RunningSandbox begin(SandboxSpec spec) throws SandboxStartException {
    SandboxSpec cloned = spec.withSnapshot("contract");
    RunningSandbox running = engine.start(cloned);
    if (spec.command().isEmpty() || !spec.command().getFirst().startsWith("/app/serve")) {
      return running;
    }
    await().atMost(Duration.ofMinutes(2)).until(() -> FirstAnswer.of(running));
    engine.settled(cloned);
    assertThat(folderOf(spec).resolve("snapshot")).as("what a clone has").exists();
    try {
      if (!Files.isDirectory(KEPT)) {
        link(dataDir.resolve("snapshots"), KEPT);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return running;
  }

  /** The same files: a copy would have its holes elsewhere, and so count as changed. */
  private static void link(Path from, Path to) throws IOException {
    run("cp", "-al", from.toString(), to.toString());
  }

  private static void run(String... command) throws IOException {
    try {
      assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
