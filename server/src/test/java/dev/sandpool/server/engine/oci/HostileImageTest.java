package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images come from strangers: their links must lead nowhere but into themselves. */
class HostileImageTest {
  @TempDir Path folder = Path.of("/nonexistent");
  private Path rootfs = Path.of("/nonexistent");

  @BeforeEach
  void makeImage() throws IOException {
    rootfs = Files.createDirectories(folder.resolve("rootfs"));
    Files.createDirectories(rootfs.resolve("etc"));
  }

  private void link(String from, String to) throws IOException {
    Files.createSymbolicLink(rootfs.resolve(from), Path.of(to));
  }

  private void write(String file, String text) throws IOException {
    Files.writeString(rootfs.resolve(file), text);
  }

  @Test
  void linksAndDotsStayInside() throws Exception {
    link("abs", "/etc");
    link("up", "../../../../etc");
    link("etc/far", "../../..");

    assertThat(RootfsPath.resolve(rootfs, "/abs/passwd")).isEqualTo(rootfs.resolve("etc/passwd"));
    assertThat(RootfsPath.resolve(rootfs, "/up/x")).isEqualTo(rootfs.resolve("etc/x"));
    assertThat(RootfsPath.resolve(rootfs, "/etc/far")).isEqualTo(rootfs);
    assertThat(RootfsPath.resolve(rootfs, "../../x")).isEqualTo(rootfs.resolve("x"));
  }

  @Test
  void linksInACircleEnd() throws Exception {
    link("a", "b");
    link("b", "a");
    assertThatThrownBy(() -> RootfsPath.resolve(rootfs, "/a/x")).isInstanceOf(IOException.class);
  }

  @Test
  void networkFilesAreNeverWrittenOutside() throws Exception {
    Path outside = folder.resolve("outside");
    Files.writeString(outside, "untouched");
    link("etc/resolv.conf", outside.toString());
    link("etc/hosts", "../../outside");
    link("work", "/deep/er");

    var files = new RootfsFiles(rootfs);
    files.write("box", "10.213.0.1", List.of("9.9.9.9"));
    files.makeFolder("/work/x");

    assertThat(outside).hasContent("untouched");
    assertThat(rootfs.resolve("etc/resolv.conf")).hasContent("nameserver 9.9.9.9\n");
    assertThat(rootfs.resolve("etc/hosts")).content().contains("10.213.0.1 box");
    assertThat(rootfs.resolve("deep/er/x")).isDirectory();
  }

  @Test
  void usersComeFromTheImageAlone() throws Exception {
    write("etc/passwd", "root:x:0:0::/root:/bin/sh\napp:x:1234:55::/home/app:/bin/sh\nbroken\n");
    write("etc/group", "staff:x:50:app,other\nmain:x:55:app\n");

    assertThat(ImageUser.resolve(rootfs, null))
        .isEqualTo(new ImageUser(0, 0, List.of(0L), "/root"));
    assertThat(ImageUser.resolve(rootfs, "app"))
        .isEqualTo(new ImageUser(1234, 55, List.of(55L, 50L), "/home/app"));
    assertThat(ImageUser.resolve(rootfs, "app:staff"))
        .isEqualTo(new ImageUser(1234, 50, List.of(50L), "/home/app"));
    assertThat(ImageUser.resolve(rootfs, "77")).isEqualTo(new ImageUser(77, 0, List.of(0L), "/"));
    assertThat(ImageUser.resolve(rootfs, "1234")).extracting(ImageUser::gid).isEqualTo(55L);
    assertThatThrownBy(() -> ImageUser.resolve(rootfs, "daemon"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("daemon");
    assertThatThrownBy(() -> ImageUser.resolve(rootfs, "-1"))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aUserFileThatIsALinkToTheHostsIsNotRead() throws Exception {
    link("etc/passwd", "/../../../../../../../../etc/passwd");
    assertThatThrownBy(() -> ImageUser.resolve(rootfs, "root"))
        .isInstanceOfAny(IllegalArgumentException.class, IOException.class);
  }
}
