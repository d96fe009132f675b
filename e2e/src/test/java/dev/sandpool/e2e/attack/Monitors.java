package dev.sandpool.e2e.attack;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The processes of machines on this host. */
final class Monitors {
  /** Each of them once. */
  private static final Set<String> OWN = Set.of("qemu-system-x86", "sh", "conmon");

  private Monitors() {}

  /** The one that emulates that guest's devices. */
  static long of(Guest guest) throws IOException {
    for (long pid : inside(guest)) {
      if (name(pid).startsWith("qemu-system")) {
        return pid;
      }
    }
    throw new IOException("no monitor of " + guest.id());
  }

  /** Programs that run where only the monitor should, by their names. */
  static List<String> strangers(Guest guest) throws IOException {
    List<String> strange = new ArrayList<>();
    Set<String> seen = new HashSet<>();
    for (long pid : inside(guest)) {
      String name = name(pid);
      if (!name.isEmpty() && !(OWN.contains(name) && seen.add(name))) {
        strange.add(name);
      }
    }
    return strange;
  }

  /** The files that the monitor of that guest can write to. */
  static Set<String> writable(Guest guest) throws IOException {
    long monitor = of(guest);
    Set<String> writable = new TreeSet<>();
    try (Stream<Path> open = Files.list(Path.of("/proc", Long.toString(monitor), "fd"))) {
      for (Path file : open.toList()) {
        String info = read(monitor, "fdinfo/" + file.getFileName());
        Optional<String> flags = info.lines().filter(line -> line.startsWith("flags:")).findFirst();
        if (flags.isPresent() && (Long.parseLong(flags.get().substring(6).strip(), 8) & 3) != 0) {
          writable.add(Files.readSymbolicLink(file).toString());
        }
      }
    }
    if (!writable.contains("/vm/disk")) {
      throw new IOException("not even its own disk is among what it can write to: " + writable);
    }
    return writable;
  }

  private static List<Long> inside(Guest guest) {
    return ProcessHandle.allProcesses()
        .map(ProcessHandle::pid)
        .filter(pid -> read(pid, "cgroup").contains(guest.wire()))
        .toList();
  }

  private static String name(long pid) {
    return read(pid, "comm").strip();
  }

  /** Nothing of one that has just ended. */
  private static String read(long pid, String file) {
    try {
      return Files.readString(Path.of("/proc", Long.toString(pid), file));
    } catch (IOException e) {
      return "";
    }
  }
}
