package dev.sandpool.server;

import dev.sandpool.server.config.CommandLine;
import dev.sandpool.server.config.CommandLineOptions;
import dev.sandpool.server.config.ConfigException;
import dev.sandpool.server.config.ConfigLoader;
import dev.sandpool.server.config.Machine;
import dev.sandpool.server.config.ReclaimCommandLine;
import dev.sandpool.server.engine.oci.EngineUnavailableException;
import java.io.IOException;
import java.util.List;

/**
 * {@code sandpool reclaim}: frees what the sandboxes of a server take that does not run and does
 * not come back. Exit codes: 0 nothing is left, 1 something is or a part of the server runs, 2
 * misuse.
 */
public final class ReclaimMain {
  private static final int FAILED = 1;

  private ReclaimMain() {}

  /**
   * Frees it and ends.
   *
   * @param args {@code UID:GID} of the server, then the options of {@code sandpool reclaim}
   */
  public static void main(String[] args) {
    if (args.length == 0) {
      exit(CommandLine.MISUSE, "sandpool reclaim: UID:GID of the server's user is missing");
      return;
    }
    switch (ReclaimCommandLine.parse(List.of(args).subList(1, args.length))) {
      case ReclaimCommandLine.Parsed.Help help -> System.out.print(help.text());
      case ReclaimCommandLine.Parsed.Misuse misuse -> exit(CommandLine.MISUSE, misuse.line());
      case ReclaimCommandLine.Parsed.Run run -> reclaim(args[0], run.server());
    }
  }

  private static void reclaim(String user, CommandLineOptions options) {
    try {
      var config = new ConfigLoader(Machine.current()).load(options.config(), options);
      List<String> freed = Engine.reclaim(config, ServerUser.parse(user));
      freed.forEach(name -> System.out.println("freed " + name));
      System.out.println(freed.size() + " sandboxes freed, nothing is left on this host");
    } catch (ConfigException e) {
      exit(CommandLine.MISUSE, String.join(System.lineSeparator(), e.problems()));
    } catch (IOException | EngineUnavailableException | RuntimeException e) {
      exit(FAILED, "sandpool: " + e.getMessage());
    }
  }

  private static void exit(int code, String message) {
    System.err.println(message);
    System.exit(code);
  }
}
