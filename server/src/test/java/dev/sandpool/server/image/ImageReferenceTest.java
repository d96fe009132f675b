package dev.sandpool.server.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
  private static final String DIGEST = "sha256:" + "0123456789abcdef".repeat(4);

  @ParameterizedTest
  @CsvSource({
    "sample,                          docker.io/library/sample:latest",
    "sample:1,                        docker.io/library/sample:1",
    "team/sample,                     docker.io/team/sample:latest",
    "docker.io/library/sample:latest, docker.io/library/sample:latest",
    "index.docker.io/sample,          docker.io/library/sample:latest",
    "localhost/sample,                localhost/sample:latest",
    "localhost:5000/sample:v1.2_3,    localhost:5000/sample:v1.2_3",
    "127.0.0.1:5000/a/b/c-d__e:x,     127.0.0.1:5000/a/b/c-d__e:x",
    "Registry.Example.com/sample,     registry.example.com/sample:latest",
    "'[::1]:5000/sample',             '[::1]:5000/sample:latest'",
  })
  void everyWayToWriteAReferenceMeansOne(String text, String canonical) {
    assertThat(ImageReference.parse(text).canonical()).isEqualTo(canonical);
  }

  @Test
  void aDigestNeedsNoTagAndMayStandBesideOne() {
    ImageReference alone = ImageReference.parse("example.com/a@" + DIGEST);
    assertThat(alone.tag()).isNull();
    assertThat(alone.wantedDigest()).contains(DIGEST);
    assertThat(ImageReference.parse("example.com:1/a:b@" + DIGEST).canonical())
        .isEqualTo("example.com:1/a:b@" + DIGEST);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "UPPER",
        "a b",
        "a:",
        "a:-b",
        "a:b:c",
        "/a",
        "a/",
        "a//b",
        "-a",
        "--authfile=x",
        "a@sha256:12",
        "a@md5:1",
        "a@",
        "example.com:port/a",
        "example.com:123456/a",
        "../a",
        "a/../b",
        "a\n",
        "https://example.com/a",
        "user@example.com/a",
        "[zz]:1/a",
        "a:\u00e4"
      })
  void whatIsNoReferenceIsRefused(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> ImageReference.parse(text));
  }

  @Test
  void aRefusalNamesThePartAndItsRule() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageReference.parse("example.com/Sample:1"))
        .withMessageContaining("example.com/Sample:1")
        .withMessageContaining("repository 'Sample'")
        .withMessageContaining("lower-case");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ImageReference.parse("https://example.com/a"))
        .withMessageContaining("scheme");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"localhost/a", "localhost:1/a", "127.0.0.1:1/a", "127.9.9.9/a", "[::1]:1/a"})
  void plainHttpIsForLoopback(String text) {
    assertThat(ImageReference.parse(text).isLoopback()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "127.0.0.1.example.com/a",
        "127.example/a",
        "localhost.example/a",
        "10.0.0.1/a"
      })
  void aNameThatLooksLikeLoopbackIsNone(String text) {
    assertThat(ImageReference.parse(text).isLoopback()).isFalse();
  }
}
