package dev.sandpool.server.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.image.ImageException.Cause;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ToolErrorsTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "unable to retrieve auth token: invalid username/password: unauthorized: authentication required | UNAUTHORIZED",
        "reading manifest 1 in h/x: unauthorized: authentication required | UNAUTHORIZED",
        "reading manifest 1 in h/x: denied: requested access to the resource is denied | UNAUTHORIZED",
        "reading manifest nope in h/x: manifest unknown: manifest unknown | NOT_FOUND",
        "name unknown: repository name not known to registry | NOT_FOUND",
        "pinging container registry h: Get \"https://h/v2/\": x509: certificate signed by unknown authority | REGISTRY_UNREACHABLE",
        "pinging container registry h: http: server gave HTTP response to HTTPS client | REGISTRY_UNREACHABLE",
        "pinging container registry h: dial tcp 127.0.0.1:1: connect: connection refused | REGISTRY_UNREACHABLE",
        "dial tcp: lookup registry.example: no such host | REGISTRY_UNREACHABLE",
        "reading manifest 1 in h/x: toomanyrequests: You have reached your pull rate limit | RATE_LIMITED",
        "received unexpected HTTP status: 429 Too Many Requests | RATE_LIMITED",
        "reading blob sha256:4294290429: connection reset by peer | REGISTRY_UNREACHABLE",
        "writing blob: storing blob to file \"x\": write x: no space left on device | DISK_FULL",
        "unpack rootfs: connection refused and then no space left on device | DISK_FULL",
        "choosing image instance: no image found in manifest list for architecture amd64 | WRONG_ARCHITECTURE",
        "unsupported manifest media type and no default available | NOT_AN_IMAGE",
        "something else | OTHER",
      })
  void aToolsWordsBecomeACause(String errors, Cause cause) {
    assertThat(ToolErrors.classify(errors)).isEqualTo(cause);
  }

  @Test
  void theMessageNamesImageCauseAndRemedy() {
    ImageException e =
        ToolErrors.explain(
            "h:1/x:2",
            "time=\"2026-01-01T00:00:00Z\" level=fatal msg=\"reading manifest 2 in h:1/x:"
                + " manifest unknown: \\\"x\\\"\"");
    assertThat(e.kind()).isEqualTo(Cause.NOT_FOUND);
    assertThat(e)
        .hasMessage(
            "image h:1/x:2: the registry has no such image or tag (reading manifest 2 in h:1/x:"
                + " manifest unknown: 'x'); check its name and tag, or push it");
  }

  @ParameterizedTest
  @EnumSource(Cause.class)
  void everyCauseHasWordsAndARemedy(Cause cause) {
    assertThat(ToolErrors.of(cause, "x", "").getMessage()).startsWith("image x: ").contains("; ");
  }
}
