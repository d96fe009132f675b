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

  /** Set to {@code awaited} by {@code libexec/serve}, which starts both parts at once. */
  private static final String FOLDERS = "sandpool.folders";

  private Main() {}

  /** Serves until SIGTERM. Exit codes: 0 after help, 1 failed, 2 misuse, 143 after SIGTERM. */
  public static void main(String[] args) throws InterruptedException {
    switch (CommandLine.parse(List.of(args))) {
      case CommandLine.Parsed.Help help -> System.out.println(help.text());
      case CommandLine.Parsed.Misuse misuse -> misuse(misuse.line());
      case CommandLine.Parsed.Run run -> serve(run.options());
    }
  }

  private static void serve(CommandLineOptions options) throws InterruptedException {
    CompilerThreads.giveWay();
    try {
      ServerConfig config = new ConfigLoader(Machine.current()).load(options.config(), options);
      awaitFolders();
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
      misuse(String.join(System.lineSeparator(), e.problems()));
    } catch (IOException e) {
      exit(FAILED, "sandpool: " + e.getMessage());
    }
  }

  /**
   * Where both parts are started at once, the engine says the same, and no server is waited for.
   */
  private static void misuse(String message) {
    try {
      awaitFolders();
      exit(CommandLine.MISUSE, message);
    } catch (IOException e) {
      exit(FAILED, "sandpool: " + e.getMessage());
    }
  }

  /** Standard input says when the engine has made what the server lives in. */
  private static void awaitFolders() throws IOException {
    if ("awaited".equals(System.getProperty(FOLDERS)) && System.in.read() < 0) {
      throw new IOException("standard input ended before the engine had made the data directory");
    }
  }

  private static void exit(int code, String message) {
    System.err.println(message);
    System.exit(code);
  }
}
