package dev.sandpool.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.config.CommandLineOptions;
import dev.sandpool.server.config.ConfigLoader;
import dev.sandpool.server.config.Machine;
import dev.sandpool.server.config.ServerConfig;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A build host on which an engine's start fails in a way that nobody has thought of. */
class EngineRehearsalTest {
  private final List<String> asked = new ArrayList<>();

  @Test
  void whatCannotBePlayedCostsNothingElse(@TempDir Path notes) throws Exception {
    var options =
        new CommandLineOptions(
            Optional.empty(),
            Optional.of(nowhere()),
            Optional.empty(),
            Optional.empty(),
            true,
            false,
            ServerConfig.AtExit.STOP);
    ServerConfig config = new ConfigLoader(Machine.current()).load(options.config(), options);
    // On a thread of its own, whose time slice it changes.
    var rehearsal = new FutureTask<>(() -> EngineRehearsal.play(config, notes), "played");
    Thread.ofPlatform().daemon().start(rehearsal);

    assertThat(rehearsal.get(1, TimeUnit.MINUTES)).isEqualTo("played");
    assertThat(asked).isNotEmpty();
  }

  /** A folder that fails at whatever it is asked. */
  private Path nowhere() {
    return (Path)
        Proxy.newProxyInstance(
            Path.class.getClassLoader(),
            new Class<?>[] {Path.class},
            (_, method, _) -> {
              asked.add(method.getName());
              throw new UnsupportedOperationException("there is no " + method.getName() + " here");
            });
  }
}
