package dev.sandpool.cli.pool;

import dev.sandpool.cli.Failure;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** What runs in a sandbox. */
final class ContainerOptions {
  @Option(
      names = {"-i", "--image"},
      paramLabel = "IMAGE",
      description = "The container image. Default: mcr.microsoft.com/k8se/quickstart:latest.",
      order = 20)
  @Nullable String image;

  @Option(
      names = "--container-name",
      paramLabel = "NAME",
      description = "The container's name. Default: the pool's.",
      order = 21)
  @Nullable String containerName;

  @Option(
      names = "--cpu",
      paramLabel = "CORES",
      description = "Processor cores, 0.25 to 2.0.",
      order = 22)
  @Nullable Double cpu;

  @Option(
      names = "--memory",
      paramLabel = "SIZE",
      description = "Memory, 0.5Gi to 4.0Gi.",
      order = 23)
  @Nullable String memory;

  @Option(
      names = "--target-port",
      paramLabel = "PORT",
      description = "The port that the container listens on.",
      order = 24)
  @Nullable Integer targetPort;

  @Option(
      names = "--env-vars",
      arity = "0..*",
      paramLabel = "KEY=VALUE",
      description = {
        "Environment variables; KEY=secretref:NAME takes a secret's value.",
        "Without a value: none."
      },
      order = 25)
  @Nullable List<String> envVars;

  @Option(
      names = "--command",
      arity = "0..*",
      paramLabel = "WORD",
      description =
          "Replaces the image's entry point. A word that begins with '--': --command=--x.",
      order = 26)
  @Nullable List<String> command;

  @Option(
      names = "--args",
      arity = "0..*",
      paramLabel = "WORD",
      description = "Replaces the image's arguments. A word that begins with '--': --args=--x.",
      order = 27)
  @Nullable List<String> args;

  @Option(
      names = "--probe-yaml",
      paramLabel = "FILE",
      description = "A YAML file whose 'probes' key lists Liveness and Startup probes.",
      order = 28)
  @Nullable Path probeYaml;

  /** Checks what can be checked without a server. */
  void validate() throws IOException {
    if (targetPort != null && (targetPort < 1 || targetPort > 65535)) {
      throw Failure.usage("Port must be in range [1, 65535].");
    }
    KeyValues.variables(envVars);
    if (probeYaml != null) {
      Probes.read(probeYaml);
    }
  }

  /** The options used, in the contract's order; other container types take none of them. */
  void refuseForOtherTypes() {
    refuse("--args", args);
    refuse("--command", command);
    refuse("--container-name", containerName);
    refuse("--cpu", cpu);
    refuse("--env-vars", envVars);
    refuse("--image or -i", image);
    refuse("--memory", memory);
    refuse("--probe-yaml", probeYaml);
    refuse("--target-port", targetPort);
  }

  /** Whether anything of the container itself is to change. */
  boolean changesContainer() {
    return image != null
        || containerName != null
        || cpu != null
        || memory != null
        || envVars != null
        || command != null
        || args != null
        || probeYaml != null;
  }

  private static void refuse(String option, @Nullable Object value) {
    if (value != null) {
      throw Failure.usage(
          "'" + option + "' can not be set when container type is not 'CustomContainer'.");
    }
  }
}
