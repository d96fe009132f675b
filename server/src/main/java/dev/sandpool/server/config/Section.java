package dev.sandpool.server.config;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * One section of the configuration while it is read. What is asked for is what is known: {@link
 * #refuseUnknown} refuses the rest, and {@link #keys} lists it for the documentation's test.
 */
final class Section {
  /** A key that exists: its full path, what it is when absent, what it accepts. */
  record Key(String path, String otherwise, String accepted) {}

  private final String path;
  private final YamlNode.Mapping node;
  private final Problems problems;
  private final List<Key> keys;
  private final Map<String, Section> children = new LinkedHashMap<>();
  private final List<String> asked = new ArrayList<>();

  private Section(String path, YamlNode.Mapping node, Problems problems, List<Key> keys) {
    this.path = path;
    this.node = node;
    this.problems = problems;
    this.keys = keys;
  }

  static Section root(YamlNode.Mapping document, Problems problems) {
    return new Section("", document, problems, new ArrayList<>());
  }

  /** The section under that key, an empty one if it is absent. */
  Section section(String key) {
    asked.add(key);
    return children.computeIfAbsent(
        key, name -> new Section(pathOf(name), mapping(name), problems, keys));
  }

  /** The value under that key; the default is written as the operator would write it. */
  <T> T value(String key, String otherwise, Form<T> form) {
    return value(key, otherwise, otherwise, form);
  }

  /** The same for a default that depends on the machine, with words that say how. */
  <T> T value(String key, String otherwise, String described, Form<T> form) {
    return read(key, described, form).orElseGet(() -> form.parser().apply(otherwise));
  }

  /** The value under that key, or nothing; {@code described} says what nothing means. */
  <T> Optional<T> optional(String key, String described, Form<T> form) {
    return read(key, described, form);
  }

  /** The list under that key, empty if it is absent. */
  <T> List<T> list(String key, String described, Form<T> form) {
    know(key, described, "a list, each " + form.accepted());
    YamlNode.Entry entry = node.entries().get(key);
    if (entry == null) {
      return List.of();
    }
    if (!(entry.value() instanceof YamlNode.Sequence sequence)) {
      problems.add(entry.place(), pathOf(key), "a list is expected, not " + entry.value().kind());
      return List.of();
    }
    List<T> values = new ArrayList<>();
    for (int i = 0; i < sequence.items().size(); i++) {
      parse(pathOf(key) + "[" + i + "]", sequence.items().get(i), form).ifPresent(values::add);
    }
    return List.copyOf(values);
  }

  /** The sections of the list under that key, none if it is absent. */
  <T> List<T> sections(String key, Function<Section, T> reader) {
    asked.add(key);
    // What is known of one is known although there be none.
    var nothing = new YamlNode.Mapping(node.place(), Map.of());
    Objects.requireNonNull(
        reader.apply(new Section(pathOf(key) + "[]", nothing, new Problems(), keys)));
    YamlNode.Entry entry = node.entries().get(key);
    if (entry == null) {
      return List.of();
    }
    if (!(entry.value() instanceof YamlNode.Sequence sequence)) {
      problems.add(entry.place(), pathOf(key), "a list is expected, not " + entry.value().kind());
      return List.of();
    }
    List<T> read = new ArrayList<>();
    for (int i = 0; i < sequence.items().size(); i++) {
      String name = key + "[" + i + "]";
      if (sequence.items().get(i) instanceof YamlNode.Mapping mapping) {
        var item = new Section(pathOf(name), mapping, problems, new ArrayList<>());
        children.put(name, item);
        read.add(reader.apply(item));
      } else {
        YamlNode other = sequence.items().get(i);
        problems.add(other.place(), pathOf(name), "a section is expected, not " + other.kind());
      }
    }
    return List.copyOf(read);
  }

  /** Says that the value under that key, or the section where it is absent, is wrong. */
  void refuse(String key, String message) {
    YamlNode.Entry entry = node.entries().get(key);
    problems.add(entry == null ? node.place() : entry.place(), pathOf(key), message);
  }

  /** Says that what the command line said in place of that key is wrong. */
  void refuseOption(String key, String message) {
    problems.add(Place.COMMAND_LINE, pathOf(key), message);
  }

  /** Refuses what nobody asked for, in this section and those in it. */
  void refuseUnknown() {
    node.entries()
        .forEach(
            (key, entry) -> {
              if (!asked.contains(key)) {
                problems.add(
                    entry.place(),
                    pathOf(key),
                    "unknown key; known here: " + String.join(", ", asked));
              }
            });
    children.values().forEach(Section::refuseUnknown);
  }

  /** All keys asked for so far in the whole document, in order. */
  List<Key> keys() {
    return List.copyOf(keys);
  }

  private <T> Optional<T> read(String key, String described, Form<T> form) {
    know(key, described, form.accepted());
    YamlNode.@Nullable Entry entry = node.entries().get(key);
    return entry == null ? Optional.empty() : parse(pathOf(key), entry.value(), form);
  }

  private <T> Optional<T> parse(String where, YamlNode value, Form<T> form) {
    if (!(value instanceof YamlNode.Scalar(Place place, String text))) {
      problems.add(
          value.place(), where, value.kind() + " is not accepted; accepted: " + form.accepted());
      return Optional.empty();
    }
    try {
      return Optional.of(form.parser().apply(text));
    } catch (IllegalArgumentException _) {
      problems.add(place, where, "'" + text + "' is not accepted; accepted: " + form.accepted());
      return Optional.empty();
    }
  }

  private YamlNode.Mapping mapping(String key) {
    YamlNode.@Nullable Entry entry = node.entries().get(key);
    if (entry == null) {
      return new YamlNode.Mapping(node.place(), Map.of());
    }
    if (entry.value() instanceof YamlNode.Mapping mapping) {
      return mapping;
    }
    if (!(entry.value() instanceof YamlNode.Empty)) {
      problems.add(
          entry.place(), pathOf(key), "a section is expected, not " + entry.value().kind());
    }
    return new YamlNode.Mapping(entry.place(), Map.of());
  }

  private void know(String key, String otherwise, String accepted) {
    asked.add(key);
    keys.add(new Key(pathOf(key), otherwise, accepted));
  }

  private String pathOf(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }
}
