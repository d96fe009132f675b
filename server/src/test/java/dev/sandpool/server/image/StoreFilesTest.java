package dev.sandpool.server.image;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a hostile image may leave in the store. */
class StoreFilesTest {
  @TempDir Path folder;

  @Test
  void foldersNestedDeeperThanAPathCanBeLongAreRemoved() throws IOException, InterruptedException {
    var files = new StoreFiles(folder.resolve("images"));
    Path work;
    try (var open = files.work()) {
      work = open.directory();
      String nest =
          "i=0; while [ $i -lt 30 ]; do n=$(printf %0200d $i); mkdir $n; cd $n; i=$((i+1)); done";
      var shell = new ProcessBuilder("/bin/sh", "-c", nest).directory(work.toFile()).start();
      assertThat(shell.waitFor()).isZero();
    }
    assertThat(Files.exists(work)).isFalse();
  }
}
