package dev.sandpool.cli.pool;

import dev.sandpool.cli.command.NoWaitOption;
import dev.sandpool.cli.command.TagsOption;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** What {@code create} and {@code update} have in common. */
final class PoolOptions {
  @Option(
      names = "--environment",
      paramLabel = "NAME_OR_ID",
      description = "The environment that the pool runs in; only at creation.",
      order = 11)
  @Nullable String environment;

  @Option(
      names = "--container-type",
      paramLabel = "TYPE",
      completionCandidates = Choices.ContainerTypes.class,
      description = "${COMPLETION-CANDIDATES}. Default: CustomContainer. Only at creation.",
      order = 12)
  @Nullable String containerType;

  @Mixin TagsOption tags = new TagsOption();
  @Mixin NoWaitOption noWait = new NoWaitOption();

  @Mixin ContainerOptions container = new ContainerOptions();
  @Mixin ScaleOptions scale = new ScaleOptions();
  @Mixin RegistryOptions registry = new RegistryOptions();
  @Mixin IdentityOptions identity = new IdentityOptions();
}
