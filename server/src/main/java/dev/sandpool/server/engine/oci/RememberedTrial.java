package dev.sandpool.server.engine.oci;

import dev.sandpool.model.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * What a trial on this host has found, kept in a file so that a restart need not try again. Another
 * boot, kernel or right makes it void, and another of whatever else the finding rests on.
 */
public final class RememberedTrial<T> {
  private record Verdict(String key, JsonNode found) {}

  /** Finds it out, which takes seconds. */
  public interface Trial<T> {
    /**
     * Runs it.
     *
     * @throws EngineUnavailableException if nothing works, saying why; that is not remembered
     */
    T run() throws IOException, EngineUnavailableException;
  }

  private final Path file;
  private final Class<T> type;
  private final String key;

  /**
   * @param file where it is kept; nobody else may write there
   * @param ground what the finding rests on besides the host, as text that tells one from another
   */
  public RememberedTrial(Path file, Class<T> type, HostFacts host, List<?> ground) {
    this.file = file;
    this.type = type;
    this.key =
        host.standing() + ground.stream().map(part -> "|" + part).collect(Collectors.joining());
  }

  /** What tells a program or another file from one that was put in its place, to rest on. */
  public static String identity(Path path) throws IOException {
    Path real = path.toRealPath();
    return "%s:%d:%s".formatted(real, Files.size(real), Files.getLastModifiedTime(real));
  }

  /**
   * What was found, now or the last time.
   *
   * @param lasting whether a finding is worth remembering; the others are tried for again at each
   *     start
   */
  public T find(Trial<T> trial, Predicate<T> lasting)
      throws IOException, EngineUnavailableException {
    Optional<T> known = known();
    if (known.isPresent()) {
      return known.get();
    }
    T found = trial.run();
    if (lasting.test(found)) {
      Files.writeString(
          file, Json.MAPPER.writeValueAsString(new Verdict(key, Json.MAPPER.valueToTree(found))));
    }
    return found;
  }

  private Optional<T> known() {
    try {
      Verdict verdict = Json.MAPPER.readValue(Files.readString(file), Verdict.class);
      return key.equals(verdict.key())
          ? Optional.ofNullable(Json.MAPPER.treeToValue(verdict.found(), type))
          : Optional.empty();
    } catch (IOException | JacksonException e) {
      return Optional.empty();
    }
  }
}
