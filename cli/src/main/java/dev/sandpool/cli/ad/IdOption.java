package dev.sandpool.cli.ad;

import picocli.CommandLine.Option;

/** {@code --id}: which principal. */
final class IdOption {
  @Option(
      names = "--id",
      required = true,
      paramLabel = "ID",
      description = "The principal's appId or id.",
      order = 1)
  String id = "";
}
