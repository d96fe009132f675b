package dev.sandpool.server.engine.oci;

import dev.sandpool.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import tools.jackson.core.JacksonException;

/**
 * What the last probe found, so that a restart need not probe again. Another program, kernel or
 * boot makes it void.
 */
final class ProbeCache {
  private record Verdict(String key, OciRuntime runtime) {}

  private final Path file;
  private final HostFacts host;

  ProbeCache(Path file, HostFacts host) {
    this.file = file;
    this.host = host;
  }

  Optional<OciRuntime> find(RuntimeFinder.Found program) throws IOException {
    String key = key(program);
    try {
      Verdict verdict = Json.MAPPER.readValue(Files.readString(file), Verdict.class);
      return verdict.key().equals(key) ? Optional.of(verdict.runtime()) : Optional.empty();
    } catch (IOException | JacksonException e) {
      return Optional.empty();
    }
  }

  void keep(RuntimeFinder.Found program, OciRuntime runtime) throws IOException {
    Files.writeString(file, Json.MAPPER.writeValueAsString(new Verdict(key(program), runtime)));
  }

  private String key(RuntimeFinder.Found program) throws IOException {
    Path real = program.binary().toRealPath();
    return String.join(
        "|",
        real.toString(),
        program.version(),
        Long.toString(Files.size(real)),
        Files.getLastModifiedTime(real).toString(),
        host.kernel(),
        host.bootId());
  }
}
