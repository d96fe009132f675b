package dev.sandpool.e2e.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.sandpool.e2e.HostProcesses;
import dev.sandpool.e2e.Shell;
import dev.sandpool.e2e.TinyImage;
import dev.sandpool.model.InstanceId;
import dev.sandpool.server.engine.oci.RootStore;
import dev.sandpool.server.image.ImageException;
import dev.sandpool.server.image.ImageException.Cause;
import dev.sandpool.server.image.ImageStore.Progress;
import dev.sandpool.server.image.ImageStoreSettings;
import dev.sandpool.server.image.Registries;
import dev.sandpool.server.image.SkopeoImageStore;
import dev.sandpool.server.image.StoredImage;
import dev.sandpool.server.image.StoredImage.ImageConfig;
import dev.sandpool.server.image.UnpackException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers that were made to harm who unpacks them. */
class HostileLayersIT {
  private static final long MAX_BYTES = 16 << 20;
  private static final long MAX_FILES = 64;

  @TempDir private Path folder;
  private Path directory;
  private Path unpacked;
  private RootStore roots;
  private SkopeoImageStore store;

  @BeforeEach
  void openStore() throws Exception {
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx--x--x"));
    directory = folder.resolve("images");
    unpacked = folder.resolve("roots");
    roots =
        RootStore.open(
            unpacked,
            directory.resolve("tmp"),
            new InstanceId("test"),
            new RootStore.Settings(MAX_BYTES, MAX_FILES, 0, 0x7011_0000, Duration.ofMinutes(30)));
    store =
        new SkopeoImageStore(
            new ImageStoreSettings(
                directory,
                Registries.NONE,
                0,
                ImageStoreSettings.hostArchitecture(),
                ImageStoreSettings.Tools.defaults()),
            roots);
  }

  /** Adds what a script leaves in an empty folder as one more layer, as tar packs it. */
  private void layer(String image, String script, String... tar) throws Exception {
    Path files = Files.createTempDirectory(folder, "layer");
    Shell.run(files, "sh", "-ec", script);
    Path archive = files.resolveSibling(files.getFileName() + ".tar");
    Shell.run(files, Shell.join(new String[] {"tar", "-P", "-cf", archive.toString()}, tar));
    String layout = image.substring("oci:".length());
    Shell.run(folder, "umoci", "raw", "add-layer", "--image", layout, archive.toString());
  }

  private StoredImage bring(String image) throws Exception {
    Path archive = TinyImage.archive(image, "oci-archive", folder.resolve("archive"));
    return store.importArchive(archive, "hostile:1", Progress.none());
  }

  private void isTooLarge(String image) throws Exception {
    assertThatThrownBy(() -> bring(image))
        .isInstanceOfSatisfying(
            ImageException.class,
            e -> assertThat(e.kind()).as(e.getMessage()).isEqualTo(Cause.TOO_LARGE));
    ImageStoreKit.assertEmpty(directory);
    assertThat(unpacked).isEmptyDirectory();
    assertThat(Files.readString(Path.of("/proc/mounts"))).doesNotContain(folder.toString());
  }

  @Test
  void oneThatUnpacksToMoreThanItMayEndsInItsOwnFileSystem() throws Exception {
    String image = TinyImage.make(folder, "bomb", 0);
    layer(image, "truncate -s 0 zeros; head -c 64M /dev/zero >zeros", "zeros");
    isTooLarge(image);
  }

  @Test
  void oneOfMoreFilesThanItMayEndsThereToo() throws Exception {
    String image = TinyImage.make(folder, "swarm", 0);
    layer(image, "mkdir many; cd many; for i in $(seq 200); do : >$i; done", "many");
    isTooLarge(image);
  }

  @Test
  void oneThatIsNeverDoneEndsAtTheDeadlineAndLeavesNothing() throws Exception {
    UUID work = UUID.randomUUID();
    Path place = folder.resolve("work/" + work);
    Path layout = Files.createDirectories(place.resolve("oci"));
    // Who opens one of these for reading waits until somebody writes.
    Shell.run(layout, "mkfifo", "oci-layout", "index.json");
    Shell.run(folder, "chmod", "-R", "a+rX", "work");
    var hasty = new RootStore.Settings(MAX_BYTES, MAX_FILES, 0, 0x7011_0000, Duration.ofSeconds(3));
    RootStore impatient =
        RootStore.open(unpacked, folder.resolve("work"), new InstanceId("test"), hasty);
    var config = new ImageConfig(List.of(), List.of(), List.of(), null, "/", "amd64");

    assertThatThrownBy(() -> impatient.unpack(work, "sha256:" + "0".repeat(64), config))
        .isInstanceOf(UnpackException.class)
        .hasMessage("unpacking was not done after 3 s");

    assertThat(unpacked).isEmptyDirectory();
    assertThat(Files.readString(Path.of("/proc/mounts"))).doesNotContain(folder.toString());
    await().until(() -> HostProcesses.naming(place.toString()).isEmpty());
  }

  @Test
  void whatUnpacksForAnEngineThatWasKilledEndsWhenTheNextOneStarts() throws Exception {
    Path half = Files.createDirectory(unpacked.resolve("sptest-work-" + UUID.randomUUID()));
    Process tool =
        new ProcessBuilder(
                "unshare",
                "--pid",
                "--fork",
                "--kill-child=KILL",
                "sh",
                "-c",
                "sleep 300; true",
                "sh",
                folder.toString(),
                half.resolve("view").toString())
            .start();
    try {
      await().until(() -> HostProcesses.children(tool.pid()).size() == 1);
      long inner = HostProcesses.children(tool.pid()).getFirst();

      openStore();

      await().until(() -> !tool.isAlive() && ProcessHandle.of(inner).isEmpty());
      assertThat(half).doesNotExist();
    } finally {
      tool.destroyForcibly().waitFor();
    }
  }

  @Test
  void linksAndDotsAndDevicesLeadNowhere() throws Exception {
    Path outside = Files.createDirectory(folder.resolve("outside"));
    // To everybody, so that only how it is unpacked can be in the way.
    Files.setPosixFilePermissions(outside, PosixFilePermissions.fromString("rwxrwxrwx"));
    String image = TinyImage.make(folder, "ways", 0);
    layer(image, "ln -s " + outside + " out", "out");
    layer(image, "mkdir out; echo through a link >out/linked", "out/linked");
    layer(
        image,
        "echo by dots >dots",
        "--transform=s|^dots|../../../../../../../../../.." + outside + "/dots|",
        "dots");
    layer(image, "mknod disk b 7 0", "disk");

    StoredImage stored = bring(image);

    try {
      assertThat(outside).isEmptyDirectory();
      Path rootfs = roots.find(stored.digest()).orElseThrow().rootfs();
      assertThat(rootfs.resolve("content")).hasContent("ways");
      assertThat(Shell.run(folder, "stat", "-c", "%F", rootfs.resolve("disk").toString()))
          .doesNotContain("special");
    } finally {
      roots.unmount();
    }
  }
}
