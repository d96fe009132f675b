package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.InstanceId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SandboxExit;
import dev.sandpool.server.linux.ProcessId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Somebody else who is root has taken all that the kernel gives to root for watching files. */
class ExitWithoutWatchesTest {
  @TempDir private Path data;

  private final List<SandboxExit> told = new CopyOnWriteArrayList<>();

  @Test
  void endsAreToldAllTheSameAndOnce() throws Exception {
    var folders = new SandboxFolders(data, new InstanceId("abcd"));
    try (var watcher =
        new ExitWatcher(
            folders,
            folder -> false,
            () -> {
              throw new IOException("User limit of inotify instances reached");
            })) {
      watcher.listen(told::add);
      for (String id : List.of("aaaaaaaa", "bbbbbbbb")) {
        SandboxFolder folder = started(folders, id);
        Files.writeString(folder.exitFile(), "7");
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> told.stream().anyMatch(exit -> exit.id().equals(folder.id())));
      }
    }
    assertThat(told).hasSize(2).allMatch(exit -> exit.exitCode() == 7);
  }

  private static SandboxFolder started(SandboxFolders folders, String id) throws Exception {
    SandboxFolder folder = folders.of(new SandboxId(id));
    folders.create(folder);
    ProcessId process = ProcessId.of(ProcessHandle.current().pid()).orElseThrow();
    folder.started(new SandboxFolder.Started(process, process, "boot", null));
    return folder;
  }
}
