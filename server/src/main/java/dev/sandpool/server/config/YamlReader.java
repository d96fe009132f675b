package dev.sandpool.server.config;

import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLParser;

/**
 * Reads one YAML document into nodes that know their places. Tokens are read instead of bound
 * objects because a binder stops at the first error and knows no place for a missing range.
 *
 * <p>Anchors, aliases and second documents are refused: a configuration says each thing once.
 */
final class YamlReader {
  private static final int MAXIMUM_BYTES = 1 << 20;

  private final String source;
  private final Problems problems;

  YamlReader(Path file, Problems problems) {
    this.source = file.toString();
    this.problems = problems;
  }

  /** The document's mapping, empty for an empty file; what cannot be read becomes a problem. */
  YamlNode.Mapping read(Path file) {
    String text = text(file);
    try (JsonParser parser = new YAMLFactory().createParser(ObjectReadContext.empty(), text)) {
      if (parser.nextToken() == null || parser.currentToken() == JsonToken.VALUE_NULL) {
        return empty();
      }
      YamlNode root = node(parser);
      if (parser.nextToken() != null) {
        problems.add(place(parser), "", "only one document is accepted in a configuration file");
      }
      if (root instanceof YamlNode.Mapping mapping) {
        return mapping;
      }
      problems.add(root.place(), "", "sections such as 'server:' are expected, not " + root.kind());
    } catch (JacksonException e) {
      problems.add(place(e.getLocation()), "", "not YAML: " + firstLine(e.getOriginalMessage()));
    }
    return empty();
  }

  private String text(Path file) {
    try {
      if (Files.size(file) > MAXIMUM_BYTES) {
        problems.add(start(), "", "larger than 1Mi, so hardly a configuration file");
        return "";
      }
      return Files.readString(file);
    } catch (NoSuchFileException _) {
      problems.add(start(), "", "there is no such file");
    } catch (CharacterCodingException _) {
      problems.add(start(), "", "not UTF-8");
    } catch (IOException e) {
      problems.add(start(), "", "cannot be read: " + e.getMessage());
    }
    return "";
  }

  private YamlNode node(JsonParser parser) {
    Place place = place(parser);
    if (parser instanceof YAMLParser yaml && yaml.isCurrentAlias()) {
      problems.add(place, "", "aliases are not accepted, write the value out");
      return new YamlNode.Empty(place);
    }
    return switch (parser.currentToken()) {
      case START_OBJECT -> mapping(parser, place);
      case START_ARRAY -> sequence(parser, place);
      case VALUE_NULL -> new YamlNode.Empty(place);
      default -> new YamlNode.Scalar(place, parser.getString());
    };
  }

  private YamlNode mapping(JsonParser parser, Place place) {
    Map<String, YamlNode.Entry> entries = new LinkedHashMap<>();
    while (parser.nextToken() == JsonToken.PROPERTY_NAME) {
      Place at = place(parser);
      String key = parser.currentName();
      parser.nextToken();
      YamlNode.Entry before = entries.putIfAbsent(key, new YamlNode.Entry(at, node(parser)));
      if (before != null) {
        problems.add(at, key, "is there twice, first in line " + before.place().line());
      }
    }
    return new YamlNode.Mapping(place, entries);
  }

  private YamlNode sequence(JsonParser parser, Place place) {
    List<YamlNode> items = new ArrayList<>();
    while (parser.nextToken() != JsonToken.END_ARRAY) {
      items.add(node(parser));
    }
    return new YamlNode.Sequence(place, items);
  }

  private YamlNode.Mapping empty() {
    return new YamlNode.Mapping(start(), Map.of());
  }

  private Place start() {
    return new Place(source, 1, 1);
  }

  private Place place(JsonParser parser) {
    return place(parser.currentTokenLocation());
  }

  private Place place(@Nullable TokenStreamLocation at) {
    return at == null || at.getLineNr() < 1
        ? start()
        : new Place(source, at.getLineNr(), Math.max(1, at.getColumnNr()));
  }

  private static String firstLine(@Nullable String message) {
    return message == null ? "" : message.lines().findFirst().orElse("");
  }
}
