package dev.sandpool.server;

import dev.sandpool.server.config.CommandLine;
import dev.sandpool.server.config.CommandLineOptions;
import dev.sandpool.server.config.ConfigException;
import dev.sandpool.server.config.ConfigLoader;
import dev.sandpool.server.config.Machine;
import dev.sandpool.server.engine.oci.EngineUnavailableException;
import dev.sandpool.server.linux.TimeSlice;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * The part of the server that has rights on the host, {@code sandpool engine}. It reads no request
 * from the network; what it does is told it over a socket that one user may open.
 */
public final class EngineMain {
  private static final int FAILED = 1;

  /** Until then a server that is started at the same time has the processors. */
  private static final Duration WARNINGS = Duration.ofSeconds(2);

  private EngineMain() {}

  /**
   * Serves until SIGTERM; sandboxes live on. Says when the server's folders are there, so that it
   * can be started too, and when it can be called.
   *
   * @param args {@code UID:GID} of the server, then the options of {@code sandpool serve}
   */
  public static void main(String[] args) throws InterruptedException {
    TimeSlice.shortenForAllThatIsStarted();
    if (args.length == 0) {
      exit(CommandLine.MISUSE, "sandpool engine: UID:GID of the server's user is missing");
      return;
    }
    switch (CommandLine.parse(List.of(args).subList(1, args.length))) {
      case CommandLine.Parsed.Help help -> System.out.println(help.text());
      case CommandLine.Parsed.Misuse misuse -> exit(CommandLine.MISUSE, misuse.line());
      case CommandLine.Parsed.Run run -> serve(args[0], run.options());
    }
  }

  private static void serve(String user, CommandLineOptions options) throws InterruptedException {
    try {
      var config = new ConfigLoader(Machine.current()).load(options.config(), options);
      Engine engine =
          Engine.start(
              config,
              ServerUser.parse(user),
              () -> System.out.println("folders in " + config.run().dataDirectory()));
      var closed = new CountDownLatch(1);
      Runtime.getRuntime()
          .addShutdownHook(
              Thread.ofPlatform()
                  .name("shutdown")
                  .unstarted(
                      () -> {
                        engine.close();
                        closed.countDown();
                      }));
      System.out.println("engine " + engine.socket());
      if (!closed.await(WARNINGS.toMillis(), TimeUnit.MILLISECONDS)) {
        engine.warnOfHost();
        closed.await();
      }
    } catch (ConfigException e) {
      exit(CommandLine.MISUSE, String.join(System.lineSeparator(), e.problems()));
    } catch (IOException | EngineUnavailableException | IllegalArgumentException e) {
      exit(FAILED, "sandpool: " + e.getMessage());
    }
  }

  private static void exit(int code, String message) {
    System.err.println(message);
    System.exit(code);
  }
}
