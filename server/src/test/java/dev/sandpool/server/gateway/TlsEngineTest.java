package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.vertx.core.net.OpenSSLEngineOptions;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class TlsEngineTest {
  /** Elsewhere it would be the JDK's without anybody noticing in a test. */
  @Test
  void whereItsLibraryIsMadeForTlsIsThatOfBoringSsl() {
    assumeTrue(
        Files.exists(Path.of("/lib64/ld-linux-x86-64.so.2"))
            || Files.exists(Path.of("/lib/ld-linux-aarch64.so.1")),
        "needs glibc on x86-64 or AArch64");

    assertThat(TlsEngine.best()).isInstanceOf(OpenSSLEngineOptions.class);
    assertThat(TlsEngine.title()).contains("BoringSSL");
  }
}
