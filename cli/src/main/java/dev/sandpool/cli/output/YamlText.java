package dev.sandpool.cli.output;

import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/** YAML; apart from the others because its library takes long to load. */
final class YamlText {
  private YamlText() {}

  /** Without a line feed at the end. */
  static String of(JsonNode json) {
    var mapper =
        YAMLMapper.builder()
            .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
            .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
            .enable(YAMLWriteFeature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .build();
    return mapper.writeValueAsString(json).stripTrailing();
  }
}
