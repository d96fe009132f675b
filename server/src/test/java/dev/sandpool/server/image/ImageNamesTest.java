package dev.sandpool.server.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageNamesTest {
  private static final String A = "sha256:" + "a".repeat(64);
  private static final String B = "sha256:" + "b".repeat(64);

  @TempDir private Path directory;

  private ImageNames open() throws IOException {
    return new ImageNames(directory.resolve("names.json"));
  }

  @Test
  void aNameIsFoundInEveryWayToWriteItAlsoAfterARestart() throws IOException {
    open().put(new ImageNames.Entry("sample", A, true));
    ImageNames names = open();
    for (String text : new String[] {"sample", "sample:latest", "docker.io/library/sample"}) {
      assertThat(names.get(ImageReference.parse(text)).map(ImageNames.Entry::digest)).contains(A);
    }
    assertThat(names.get(ImageReference.parse("sample:2"))).isEmpty();
    assertThat(names.of(A)).containsExactly("sample");
  }

  @Test
  void aMovedNameLeavesItsOldDigest() throws IOException {
    ImageNames names = open();
    names.put(new ImageNames.Entry("h/x:1", A, false));
    names.put(new ImageNames.Entry("h/x:1", B, false));
    assertThat(names.of(A)).isEmpty();
    assertThat(open().of(B)).containsExactly("h/x:1");
  }

  @Test
  void whatCannotBeSavedIsNotRemembered() throws IOException {
    Path gone = Files.createDirectory(directory.resolve("gone"));
    ImageNames names = new ImageNames(gone.resolve("names.json"));
    Files.delete(gone);
    assertThatThrownBy(() -> names.put(new ImageNames.Entry("x", A, true)))
        .isInstanceOf(IOException.class);
    assertThat(names.of(A)).isEmpty();
  }

  @Test
  void aBrokenIndexIsNamed() throws IOException {
    Files.writeString(directory.resolve("names.json"), "{\"names\":[");
    assertThatThrownBy(this::open)
        .isInstanceOf(IOException.class)
        .hasMessageContaining("names.json");
  }
}
