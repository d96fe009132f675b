package dev.sandpool.cli.command;

import dev.sandpool.cli.rest.Arm;
import picocli.CommandLine.Option;

/** Whether a command waits for the operation that it starts. */
public final class NoWaitOption {
  @Option(
      names = "--no-wait",
      description = "Does not wait for the end of the operation.",
      order = 50)
  private boolean noWait;

  /** Whether it does not. */
  public boolean given() {
    return noWait;
  }

  /** How to wait for the change of that thing. */
  public Arm.Waiting waiting(String subject) {
    return new Arm.Waiting(!noWait, subject);
  }
}
