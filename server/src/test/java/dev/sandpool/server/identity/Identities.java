package dev.sandpool.server.identity;

import dev.sandpool.server.audit.Audit;
import dev.sandpool.server.secret.DataKey;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;

/** Identities for tests of what stands around them. */
public final class Identities {
  private Identities() {}

  /** Stands before token endpoints, without a record; an address may be wrong so often. */
  public static TokenDesk desk(int failuresPerMinute) {
    var failed =
        new FailedTokens(
            failuresPerMinute,
            request -> String.valueOf(request.remoteAddress().hostAddress()),
            System::nanoTime);
    return new TokenDesk(failed, new TokenTrail(Audit.NONE, InstantSource.system()));
  }

  /** A fresh one, with its files in a folder below that one. */
  public static Identity in(Path parent) {
    try {
      Path folder = Files.createTempDirectory(parent, "identity");
      return Identity.open(
          new Identity.Places(
              folder.resolve("signing.key"),
              folder.resolve("principals.json"),
              folder.resolve("admin.json"),
              folder.resolve("registry.key")),
          DataKey.of(new byte[32]),
          new TokenRules(Duration.ofHours(1), Duration.ofDays(90), Duration.ofSeconds(60), false),
          () -> URI.create("https://sandpool.example.org"),
          Instant::now);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
