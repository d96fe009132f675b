package dev.sandpool.server;

import dev.sandpool.server.config.CommandLine;
import dev.sandpool.server.config.CommandLineOptions;
import dev.sandpool.server.config.ConfigException;
import dev.sandpool.server.config.ConfigLoader;
import dev.sandpool.server.config.Machine;
import dev.sandpool.server.config.ServerConfig;
import dev.sandpool.server.linux.CompilerThreads;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CountDownLatch;

/** The part of {@code sandpool serve} that reads requests. */
public final class Main {
  private static final int FAILED = 1;

  private Main() {}

  /** Serves until SIGTERM. Exit codes: 0 after help, 1 failed, 2 misuse, 143 after SIGTERM. */
  public static void main(String[] args) throws InterruptedException {
    switch (CommandLine.parse(List.of(args))) {
      case CommandLine.Parsed.Help help -> System.out.println(help.text());
      case CommandLine.Parsed.Misuse misuse -> exit(CommandLine.MISUSE, misuse.line());
      case CommandLine.Parsed.Run run -> serve(run.options());
    }
  }

  private static void serve(CommandLineOptions options) throws InterruptedException {
    CompilerThreads.giveWay();
    try {
      ServerConfig config = new ConfigLoader(Machine.current()).load(options.config(), options);
      Server server = Server.start(config);
      var closed = new CountDownLatch(1);
      Runtime.getRuntime()
          .addShutdownHook(
              Thread.ofPlatform()
                  .name("shutdown")
                  .unstarted(
                      () -> {
                        server.close();
                        closed.countDown();
                      }));
      System.out.println("ready " + server.endpoint());
      closed.await();
    } catch (ConfigException e) {
      exit(CommandLine.MISUSE, String.join(System.lineSeparator(), e.problems()));
    } catch (IOException e) {
      exit(FAILED, "sandpool: " + e.getMessage());
    }
  }

  private static void exit(int code, String message) {
    System.err.println(message);
    System.exit(code);
  }
}
