package dev.sandpool.server;

import dev.sandpool.server.config.CommandLine;
import dev.sandpool.server.config.MaintenanceCommandLine;
import dev.sandpool.server.config.MaintenanceCommandLine.Parsed;
import java.io.IOException;
import java.util.List;

/** {@code sandpool backup}, {@code restore} and {@code rotate-key}. */
public final class MaintenanceMain {
  private MaintenanceMain() {}

  /** Exit codes: 0 done, 1 failed, 2 misuse. */
  public static void main(String[] args) {
    try {
      switch (MaintenanceCommandLine.parse(List.of(args))) {
        case Parsed.Help help -> System.out.print(help.text());
        case Parsed.Misuse misuse -> exit(CommandLine.MISUSE, misuse.line());
        case Parsed.Backup backup -> {
          new Maintenance(backup.dataDirectory()).backUp(backup.to());
          System.out.println("the ledger is copied to " + backup.to());
        }
        case Parsed.Restore restore -> {
          new Maintenance(restore.dataDirectory()).restore(restore.from(), System.getenv());
          System.out.println("the ledger is that of " + restore.from());
        }
        case Parsed.RotateKey rotate -> {
          new Maintenance(rotate.dataDirectory()).rotateKey(System.getenv());
          System.out.println("everything is sealed with a new data key");
        }
      }
    } catch (IOException e) {
      exit(1, "sandpool: " + e.getMessage());
    }
  }

  private static void exit(int code, String message) {
    System.err.println(message);
    System.exit(code);
  }
}
