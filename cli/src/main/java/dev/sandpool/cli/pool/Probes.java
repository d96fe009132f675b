package dev.sandpool.cli.pool;

import dev.sandpool.cli.Failure;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/** The file that {@code --probe-yaml} names; apart because its library takes long to load. */
final class Probes {
  private Probes() {}

  /**
   * The probes in that file, as written; the server knows what may be in them.
   *
   * @throws Failure if it cannot be read or is of another form
   */
  static JsonNode read(Path file) throws IOException {
    JsonNode probes = parse(file).path("probes");
    if (!probes.isArray()) {
      throw Failure.usage("The 'probes' key in the probe YAML file must be a list of probes.");
    }
    return probes;
  }

  private static JsonNode parse(Path file) throws IOException {
    try {
      JsonNode yaml = new YAMLMapper().readTree(Files.readAllBytes(file));
      if (!yaml.isObject() || !yaml.has("probes")) {
        throw Failure.usage("The probe YAML file must be a dictionary containing a 'probes' key.");
      }
      return yaml;
    } catch (NoSuchFileException e) {
      throw Failure.usage("--probe-yaml: there is no file " + file);
    } catch (AccessDeniedException e) {
      throw Failure.usage("--probe-yaml: you may not read " + file);
    } catch (JacksonException e) {
      var at = e.getLocation();
      String place = at == null ? "" : ", line " + at.getLineNr();
      throw Failure.usage("--probe-yaml: " + file + place + " is not YAML");
    }
  }
}
