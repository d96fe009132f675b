package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.InstanceId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.engine.SandboxExit;
import dev.sandpool.server.linux.ProcessId;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** One exit of which nobody can tell how it came about, and all that come after it. */
class ExitThatCannotBeReadTest {
  @TempDir Path data = Path.of("/nonexistent");

  private final List<SandboxExit> told = new CopyOnWriteArrayList<>();
  private final AtomicInteger asked = new AtomicInteger();

  @Test
  void othersAreToldAllTheSameAndItselfOnceItCanBeRead() throws Exception {
    var folders = new SandboxFolders(data, new InstanceId("abcd"));
    try (var watcher =
        new ExitWatcher(
            folders,
            folder -> {
              if (asked.incrementAndGet() == 1) {
                throw new IllegalStateException("nobody thought of that");
              }
              return true;
            })) {
      watcher.listen(told::add);
      SandboxFolder unreadable = started(folders, "aaaaaaaa");
      Files.writeString(unreadable.exitFile(), "137");
      await().atMost(Duration.ofSeconds(30)).until(() -> asked.get() >= 1);
      SandboxFolder other = started(folders, "bbbbbbbb");

      Files.writeString(other.exitFile(), "0");

      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(told)
                      .extracting(SandboxExit::id)
                      .containsExactlyInAnyOrder(other.id(), unreadable.id()));
    }
  }

  private static SandboxFolder started(SandboxFolders folders, String id) throws Exception {
    SandboxFolder folder = folders.of(new SandboxId(id));
    folders.create(folder);
    ProcessId process = ProcessId.of(ProcessHandle.current().pid()).orElseThrow();
    folder.started(new SandboxFolder.Started(process, process, "boot", null));
    return folder;
  }
}
