package dev.sandpool.cli.command;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Where the resource that a command makes is said to be. */
public final class LocationOption {
  @Option(
      names = {"-l", "--location"},
      paramLabel = "REGION",
      description = "Any name. 'sandpool configure --defaults location=NAME' sets a default.",
      order = 3)
  private @Nullable String location;

  /**
   * The region that was typed, or else the default.
   *
   * @throws Failure if there is neither
   */
  public String required(Shell shell) {
    String place = location == null ? Defaults.of(shell).get("location") : location;
    if (place.isEmpty()) {
      throw Failure.usage("the following arguments are required: --location/-l");
    }
    return place;
  }
}
