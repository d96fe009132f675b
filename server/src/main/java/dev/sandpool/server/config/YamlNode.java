package dev.sandpool.server.config;

import java.util.List;
import java.util.Map;

/** One value of a YAML document together with its place. */
sealed interface YamlNode {
  /** Where it starts. */
  Place place();

  /** Keys with values, in the document's order. */
  record Mapping(Place place, Map<String, Entry> entries) implements YamlNode {}

  /** A list. */
  record Sequence(Place place, List<YamlNode> items) implements YamlNode {}

  /** Anything else, as it was written and without regard to YAML's own types. */
  record Scalar(Place place, String text) implements YamlNode {}

  /** A key without a value. */
  record Empty(Place place) implements YamlNode {}

  /** One line of a mapping: the place of the key, and the value. */
  record Entry(Place place, YamlNode value) {}

  /** The word for its kind in messages. */
  default String kind() {
    return switch (this) {
      case Mapping _ -> "a section";
      case Sequence _ -> "a list";
      case Scalar _ -> "a value";
      case Empty _ -> "nothing";
    };
  }
}
