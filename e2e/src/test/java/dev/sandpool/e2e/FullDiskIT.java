package dev.sandpool.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** A disk that is full while an image is unpacked; all of it on a small file system of its own. */
class FullDiskIT {
  private static final String FLOOR = "limits: {host: {freeDisk: 64Mi}}\n";

  @Test
  void theCauseIsSaidNothingHalfMadeStaysAndTheOtherPoolServes() throws Exception {
    Path base = TestServer.newHome("disk");
    Path home = Files.createDirectory(base.resolve("small"));
    Shell.run(base, "mount", "-t", "tmpfs", "-o", "size=450m", "e2e-disk", home.toString());
    try {
      try (var stage = Stage.open(home.resolve("s"), FLOOR, "--sandboxes", "stop").importSample()) {
        fill(stage, fat(base));
      }
    } finally {
      Shell.run(base, "umount", home.toString());
      Leftovers.delete(base);
    }
  }

  /** An image that is small to carry and large to unpack: 400 MiB of zeros. */
  private static Path fat(Path work) throws Exception {
    Path files = Files.createDirectory(work.resolve("files"));
    Shell.run(files, "truncate", "-s", "400M", "zeros");
    Shell.run(work, "umoci", "init", "--layout", "oci");
    Shell.run(work, "umoci", "new", "--image", "oci:fat");
    Shell.run(work, "umoci", "insert", "--image", "oci:fat", "files", "/");
    Shell.run(work, "umoci", "config", "--image", "oci:fat", "--config.entrypoint", "/zeros");
    return TinyImage.archive(
        "oci:" + work.resolve("oci") + ":fat", "oci-archive", work.resolve("fat.tar"));
  }

  private static void fill(Stage stage, Path archive) throws Exception {
    TestPool healthy = stage.pool("healthy", "--max-sessions 3 --ready-sessions 1");
    String before = healthy.instance("steady-01");
    try (var registry = new TestRegistry(archive.resolveSibling("registry"))) {
      String image = registry.push("oci-archive:" + archive, "fat:1");
      TestCli.Outcome outcome =
          stage
              .cli()
              .type(
                  Stage.create(
                      "bad",
                      "--image %s --registry-server %s --registry-username %s --target-port 8080 --registry-password \"%s\" --max-sessions 2 --ready-sessions 1"
                          .formatted(
                              image,
                              registry.address(),
                              TestRegistry.USER,
                              TestRegistry.PASSWORD)));
      assertThat(outcome.code()).as(outcome.err()).isEqualTo(1);
      assertThat(outcome.err()).contains("ImagePullFailed", image, "no room");
    }
    stage.delete("bad");
    assertThat(stage.cli().ok("sandpool image list")).doesNotContain("fat:1");
    assertThat(Files.getFileStore(stage.server().dataDirectory()).getUsableSpace())
        .as("what was half unpacked is gone")
        .isGreaterThan(200L << 20);
    assertThat(healthy.instance("steady-01")).isEqualTo(before);
    assertThat(healthy.get("/", "another-1").statusCode()).isEqualTo(200);
  }
}
