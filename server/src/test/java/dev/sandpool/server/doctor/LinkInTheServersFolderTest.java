package dev.sandpool.server.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The doctor is root, and the folder that it looks at belongs to who reads requests from the
 * network: what has been taken over may put a link to any file of the host there.
 */
class LinkInTheServersFolderTest {
  @TempDir private Path folder;

  @Test
  void whatItPointsToStaysAsItIs() throws Exception {
    Path outside = Files.writeString(folder.resolve("outside"), "read by everybody");
    Files.setPosixFilePermissions(outside, PosixFilePermissions.fromString("rw-r--r--"));
    Path data = Files.createDirectory(folder.resolve("data"));
    Files.writeString(data.resolve("instance"), "abcd");
    Path own = Files.createDirectory(data.resolve("server"));
    Files.setPosixFilePermissions(own, PosixFilePermissions.fromString("rwx------"));
    Path link = Files.createSymbolicLink(own.resolve("admin.json"), outside);

    assertThat(new DataDirectoryCheck(new ServerFolder(data)).repair())
        .containsExactly("left " + link + " alone: it is a link, which no server makes");

    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(outside)))
        .isEqualTo("rw-r--r--");
  }
}
