package dev.sandpool.server.engine.oci;

import dev.sandpool.server.engine.SandboxExit;
import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of sandboxes that ended by themselves, from the files that their monitors write; also of
 * one whose monitor was killed and can write no more, within 20 s.
 *
 * <p>Where the kernel gives no watch (it has a number of them for each user, and whoever else is
 * root on this host may have them all), it looks for these files twice a second.
 */
final class ExitWatcher implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ExitWatcher.class);
  private static final Duration SWEEP = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofMillis(500);

  private final SandboxFolders folders;
  private final Predicate<SandboxFolder> outOfMemory;
  private final Optional<WatchService> service;
  private volatile boolean closed;
  private final Map<String, CountDownLatch> waiting = new ConcurrentHashMap<>();
  private final Set<String> told = new HashSet<>();
  private final Set<String> suspects = new HashSet<>();
  private @Nullable Consumer<SandboxExit> listener;

  /**
   * A watch.
   *
   * @param outOfMemory whether the memory bound has killed a process of an ended sandbox
   */
  ExitWatcher(SandboxFolders folders, Predicate<SandboxFolder> outOfMemory) {
    this(folders, outOfMemory, FileSystems.getDefault()::newWatchService);
  }

  /** Asks the kernel for a watch of files. */
  interface Watches {
    WatchService open() throws IOException;
  }

  ExitWatcher(SandboxFolders folders, Predicate<SandboxFolder> outOfMemory, Watches watches) {
    this.folders = folders;
    this.outOfMemory = outOfMemory;
    this.service = watch(folders.exits(), watches);
    Runnable work = service.<Runnable>map(it -> () -> watch(it)).orElse(this::lookAgainAndAgain);
    Thread.ofPlatform().name("sandbox-exits").daemon().start(work);
  }

  private static Optional<WatchService> watch(Path folder, Watches watches) {
    try {
      WatchService service = watches.open();
      boolean watched = false;
      try {
        folder.register(service, StandardWatchEventKinds.ENTRY_CREATE);
        watched = true;
        return Optional.of(service);
      } finally {
        if (!watched) {
          service.close();
        }
      }
    } catch (IOException e) {
      LOG.warn("ends of sandboxes are looked for every {}: {}", LOOK, e.getMessage());
      return Optional.empty();
    }
  }

  void listen(Consumer<SandboxExit> newListener) {
    synchronized (told) {
      listener = newListener;
      // Nobody knows whether the former listener was still there to hear it.
      told.clear();
    }
    sweep();
  }

  /** Looks whether it has ended and nobody was told: also for what ended before it was known. */
  void check(SandboxFolder folder) {
    if (Files.exists(folder.exitFile())) {
      ended(folder);
    }
  }

  /** Whether it ended in that time. */
  boolean await(SandboxFolder folder, Duration atMost) {
    CountDownLatch latch = waiting.computeIfAbsent(folder.name(), name -> new CountDownLatch(1));
    try {
      return Files.exists(folder.exitFile())
          || latch.await(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      waiting.remove(folder.name());
    }
  }

  private void lookAgainAndAgain() {
    long looks = 0;
    while (!closed) {
      LockSupport.parkNanos(LOOK.toNanos());
      looks++;
      try {
        if (looks % SWEEP.dividedBy(LOOK) == 0) {
          sweep();
        } else {
          lookForFiles();
        }
      } catch (RuntimeException e) {
        LOG.error("an exit cannot be told yet", e);
      }
    }
  }

  private void lookForFiles() {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folders.exits())) {
      for (Path file : files) {
        folders.named(file.getFileName().toString()).ifPresent(this::ended);
      }
    } catch (IOException e) {
      LOG.warn("cannot look for ended sandboxes", e);
    }
  }

  private void watch(WatchService service) {
    try {
      while (true) {
        WatchKey key = service.poll(SWEEP.toMillis(), TimeUnit.MILLISECONDS);
        try {
          look(key);
        } catch (RuntimeException e) {
          // This thread has no heir, and what was not told now is found by the next sweep.
          LOG.error("an exit cannot be told yet", e);
        } finally {
          if (key != null) {
            key.reset();
          }
        }
      }
    } catch (InterruptedException | ClosedWatchServiceException e) {
      LOG.debug("no longer watching for exits");
    }
  }

  private void look(@Nullable WatchKey key) {
    if (key == null) {
      sweep();
      return;
    }
    for (var event : key.pollEvents()) {
      if (event.kind().equals(StandardWatchEventKinds.OVERFLOW)) {
        sweep();
      } else {
        folders.named(String.valueOf(event.context())).ifPresent(this::ended);
      }
    }
  }

  private void sweep() {
    try {
      for (SandboxFolder folder : folders.all()) {
        if (Files.exists(folder.exitFile())) {
          ended(folder);
        } else {
          suspect(folder);
        }
      }
    } catch (IOException e) {
      LOG.warn("cannot look for ended sandboxes", e);
    }
  }

  /** A dead process without an exit file gets until the next sweep for its monitor to write it. */
  private void suspect(SandboxFolder folder) {
    boolean dead = folder.started().filter(started -> !started.process().alive()).isPresent();
    boolean again;
    synchronized (told) {
      if (!dead) {
        suspects.remove(folder.name());
      }
      again = dead && !suspects.add(folder.name());
    }
    if (again) {
      ended(folder);
    }
  }

  private void ended(SandboxFolder folder) {
    CountDownLatch latch = waiting.get(folder.name());
    if (latch != null) {
      latch.countDown();
    }
    Consumer<SandboxExit> receiver;
    synchronized (told) {
      boolean ours = folder.stopping() || folder.started().isEmpty();
      if (listener == null || ours || !told.add(folder.name())) {
        return;
      }
      receiver = listener;
    }
    SandboxExit exit;
    try {
      exit = read(folder);
    } catch (RuntimeException e) {
      forget(folder);
      throw e;
    }
    Thread.ofVirtual().name("exit-" + folder.id()).start(() -> receiver.accept(exit));
  }

  private SandboxExit read(SandboxFolder folder) {
    int code = exitCode(folder).orElse(-1);
    // A killed child alone is no such end: the first process then goes on, or chooses its code.
    boolean memory = code == 137 && outOfMemory.test(folder);
    return new SandboxExit(folder.id(), code, memory, LastOutput.of(folder.console()));
  }

  private static Optional<Integer> exitCode(SandboxFolder folder) {
    try {
      return Optional.of(Integer.parseInt(Files.readString(folder.exitFile()).strip()));
    } catch (IOException | NumberFormatException e) {
      return Optional.empty();
    }
  }

  /** Nothing will be told of it any more; it is gone. */
  void forget(SandboxFolder folder) {
    synchronized (told) {
      told.remove(folder.name());
      suspects.remove(folder.name());
    }
  }

  @Override
  public void close() {
    synchronized (told) {
      listener = null;
    }
    closed = true;
    if (service.isPresent()) {
      try {
        service.get().close();
      } catch (IOException e) {
        LOG.warn("cannot end the watch for exits", e);
      }
    }
  }
}
