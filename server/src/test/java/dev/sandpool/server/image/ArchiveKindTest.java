package dev.sandpool.server.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Archives that were made to fill the disk of who imports them. */
class ArchiveKindTest {
  private static final int BYTES = 1 << 20;

  @TempDir private Path folder;
  private Path target;

  @BeforeEach
  void name() {
    target = folder.resolve("archive.tar");
  }

  private static byte[] zipped() throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var zip = new GZIPOutputStream(bytes)) {
      zip.write(new byte[BYTES]);
    }
    return bytes.toByteArray();
  }

  private Path file(byte[] content) throws IOException {
    return Files.write(folder.resolve("given"), content);
  }

  @Test
  void oneThatDecompressesToMoreThanThereIsRoomForLeavesNothing() throws Exception {
    assertThat(ArchiveKind.place(file(zipped()), target, BYTES - 1)).isFalse();

    assertThat(target).doesNotExist();
  }

  @Test
  void oneForWhichThereIsJustRoomIsPlaced() throws Exception {
    assertThat(ArchiveKind.place(file(zipped()), target, BYTES)).isTrue();

    assertThat(target).hasSize(BYTES);
  }

  @Test
  void oneThatIsCutOffIsNotTakenForAWholeOne() throws Exception {
    byte[] whole = zipped();
    Path cut = file(Arrays.copyOf(whole, whole.length - 10));

    assertThatThrownBy(() -> ArchiveKind.place(cut, target, BYTES))
        .isInstanceOf(EOFException.class);
  }

  @Test
  void oneThatIsNotCompressedIsReadWhereItIs() throws Exception {
    Path plain = file(new byte[BYTES]);

    assertThat(ArchiveKind.place(plain, target, 0)).isTrue();

    assertThat(target).isSymbolicLink();
    assertThat(ArchiveKind.of(target)).isEmpty();
  }
}
