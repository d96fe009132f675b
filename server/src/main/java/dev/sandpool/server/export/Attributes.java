package dev.sandpool.server.export;

import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.KeyValue;
import java.util.ArrayList;
import java.util.List;

/** Attributes as OTLP writes them. */
final class Attributes {
  private Attributes() {}

  /** Texts by name, name and text in turns; what is empty is left out. */
  static List<KeyValue> of(String... namesAndTexts) {
    List<KeyValue> attributes = new ArrayList<>();
    for (int i = 0; i < namesAndTexts.length; i += 2) {
      if (!namesAndTexts[i + 1].isEmpty()) {
        attributes.add(text(namesAndTexts[i], namesAndTexts[i + 1]));
      }
    }
    return attributes;
  }

  static KeyValue text(String name, String text) {
    return KeyValue.newBuilder()
        .setKey(name)
        .setValue(AnyValue.newBuilder().setStringValue(text))
        .build();
  }

  static KeyValue number(String name, long number) {
    return KeyValue.newBuilder()
        .setKey(name)
        .setValue(AnyValue.newBuilder().setIntValue(number))
        .build();
  }
}
