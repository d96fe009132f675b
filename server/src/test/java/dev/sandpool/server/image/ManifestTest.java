package dev.sandpool.server.image;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sandpool.server.image.ImageException.Cause;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ManifestTest {
  private static final String A = "sha256:" + "a".repeat(64);
  private static final String B = "sha256:" + "b".repeat(64);

  private static Manifest parse(String json) throws ImageException {
    return Manifest.parse("h/x:1", json.replace('\'', '"').getBytes(UTF_8));
  }

  @Test
  void anIndexGivesTheImageOfThisHost() throws ImageException {
    Manifest manifest =
        parse(
            "{'manifests':[{'digest':'%s','platform':{'os':'windows','architecture':'amd64'}},"
                    .formatted(A)
                + "{'digest':'%s','platform':{'os':'linux','architecture':'amd64'}}]}"
                    .formatted(B));
    assertThat(manifest)
        .isInstanceOfSatisfying(
            Manifest.Index.class,
            index -> {
              assertThat(index.forArchitecture("amd64")).contains(B);
              assertThat(index.forArchitecture("arm64")).isEmpty();
            });
  }

  @Test
  void anImageNamesAllItsBlobs() throws ImageException {
    Manifest manifest =
        parse(
            "{'config':{'mediaType':'application/vnd.oci.image.config.v1+json','digest':'%s','size':2},"
                    .formatted(A)
                + "'layers':[{'digest':'%s','size':7}]}".formatted(B));
    assertThat(manifest)
        .isInstanceOfSatisfying(
            Manifest.Image.class,
            image -> {
              assertThat(image.digests()).containsExactly(B, A);
              assertThat(image.layerBytes()).isEqualTo(7);
            });
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<html>                                                                    | REGISTRY_UNREACHABLE",
        "{}                                                                        | NOT_AN_IMAGE",
        "{'config':{'mediaType':'application/vnd.cncf.helm.config.v1+json'},'layers':[]} | NOT_AN_IMAGE",
        "{'config':{'mediaType':'application/vnd.oci.image.config.v1+json','digest':'sha256:../../x'},'layers':[]} | NOT_AN_IMAGE",
        "{'manifests':[{'digest':'../x'}]}                                         | NOT_AN_IMAGE",
      })
  void whatIsNoImageIsRefused(String json, Cause cause) {
    assertThatThrownBy(() -> parse(json))
        .isInstanceOfSatisfying(ImageException.class, e -> assertThat(e.kind()).isEqualTo(cause))
        .hasMessageContaining("h/x:1");
  }

  @Test
  void anotherMachinesImageIsRefusedWithBothNames() {
    assertThatThrownBy(
            () ->
                ConfigBlob.parse(
                    "h/x:1",
                    "{\"architecture\":\"arm64\",\"os\":\"linux\"}".getBytes(UTF_8),
                    "amd64"))
        .isInstanceOfSatisfying(
            ImageException.class, e -> assertThat(e.kind()).isEqualTo(Cause.WRONG_ARCHITECTURE))
        .hasMessageContaining("linux/arm64")
        .hasMessageContaining("linux/amd64");
  }

  @Test
  void aConfigWithoutInstructionsStillRuns() throws ImageException {
    var config =
        ConfigBlob.parse(
            "x",
            "{\"architecture\":\"amd64\",\"os\":\"linux\",\"config\":{\"User\":\"\",\"Cmd\":null}}"
                .getBytes(UTF_8),
            "amd64");
    assertThat(config.user()).isNull();
    assertThat(config.workingDir()).isEqualTo("/");
    assertThat(config.cmd()).isEmpty();
  }
}
