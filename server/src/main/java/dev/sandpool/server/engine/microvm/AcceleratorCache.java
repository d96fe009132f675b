package dev.sandpool.server.engine.microvm;

import dev.sandpool.model.Json;
import dev.sandpool.server.engine.oci.HostFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;

/**
 * Which accelerator the last trial found to work, so that a restart need not try again. Another
 * program, guest kernel, host kernel or boot makes it void.
 */
final class AcceleratorCache {
  private record Verdict(String key, Accelerator accelerator) {}

  private final Path file;
  private final String key;

  AcceleratorCache(Path file, MachineParts parts, Emulation emulation, HostFacts host)
      throws IOException {
    this.file = file;
    this.key =
        Stream.of(parts.qemu(), parts.kernel(), parts.initramfs())
                .map(AcceleratorCache::identity)
                .collect(Collectors.joining("|"))
            + "|%s|%s|%s|%s".formatted(parts.version(), emulation, host.kernel(), host.bootId());
  }

  private static String identity(Path path) {
    var attributes = path.toFile();
    return path + ":" + attributes.length() + ":" + attributes.lastModified();
  }

  Optional<Accelerator> find() {
    try {
      Verdict verdict = Json.MAPPER.readValue(Files.readString(file), Verdict.class);
      return verdict.key().equals(key) ? Optional.of(verdict.accelerator()) : Optional.empty();
    } catch (IOException | JacksonException e) {
      return Optional.empty();
    }
  }

  void keep(Accelerator accelerator) throws IOException {
    Files.writeString(file, Json.MAPPER.writeValueAsString(new Verdict(key, accelerator)));
  }
}
