package dev.sandpool.server.engine.oci;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads from cgroups, of either version, what sandboxes have taken. */
final class CgroupUse {
  private static final String CPU = "usage_usec ";

  private final Cgroups cgroups;

  CgroupUse(Cgroups cgroups) {
    this.cgroups = cgroups;
  }

  /** Nanoseconds of processor time; nothing where there is no such sandbox. */
  OptionalLong cpuNanos(String name) throws IOException {
    if (!cgroups.unified()) {
      return number(text(name, "cpuacct", "cpuacct.usage"));
    }
    Optional<String> stat = text(name, "cpu", "cpu.stat");
    if (stat.isEmpty()) {
      return OptionalLong.empty();
    }
    String line =
        stat.get()
            .lines()
            .filter(one -> one.startsWith(CPU))
            .findFirst()
            .orElseThrow(() -> new IOException("cpu.stat of " + name + " has no " + CPU.strip()));
    return OptionalLong.of(Long.parseLong(line.substring(CPU.length()).strip()) * 1000);
  }

  /** Bytes of memory at this moment; nothing where there is no such sandbox. */
  OptionalLong memoryBytes(String name) throws IOException {
    String file = cgroups.unified() ? "memory.current" : "memory.usage_in_bytes";
    return number(text(name, "memory", file));
  }

  private static OptionalLong number(Optional<String> text) {
    return text.isEmpty()
        ? OptionalLong.empty()
        : OptionalLong.of(Long.parseLong(text.get().strip()));
  }

  private Optional<String> text(String name, String controller, String file) throws IOException {
    Path root =
        cgroups
            .root(controller)
            .orElseThrow(
                () -> new IOException("this host has no cgroups of " + controller + " mounted"));
    Path box = cgroups.box(root, name);
    try {
      return Optional.of(Files.readString(box.resolve(file)));
    } catch (IOException e) {
      // A group that goes while it is read fails with what the kernel has at hand.
      if (Files.exists(box)) {
        throw e;
      }
      return Optional.empty();
    }
  }
}
