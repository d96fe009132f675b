package dev.sandpool.cli.ad;

import dev.sandpool.cli.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/** What a principal shows when it logs in. */
final class CredentialOptions {
  @Option(
      names = "--cert",
      paramLabel = "@FILE",
      description = {
        "A certificate in PEM, with whose private key it signs. Without: a secret is made, and",
        "shown once."
      },
      order = 10)
  private @Nullable String certificate;

  @Option(
      names = "--years",
      paramLabel = "N",
      description = "How long it is good, 1 to 10. Default: 1.",
      order = 11)
  private int years = 1;

  void addTo(ObjectNode body) throws IOException {
    body.put("years", years);
    if (certificate != null) {
      body.put("certificate", read(certificate));
    }
  }

  private static String read(String typed) throws IOException {
    if (!typed.startsWith("@")) {
      return typed;
    }
    Path file = Path.of(typed.substring(1));
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw Failure.usage("--cert: there is no file " + file);
    }
  }
}
