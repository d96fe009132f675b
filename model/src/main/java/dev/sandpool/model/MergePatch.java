package dev.sandpool.model;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * JSON merge patch (RFC 7396): objects are merged, null removes, everything else, arrays included,
 * replaces as a whole.
 */
public final class MergePatch {
  private MergePatch() {}

  /** The target after the patch; neither argument is changed. */
  public static JsonNode apply(JsonNode target, JsonNode patch) {
    if (!patch.isObject()) {
      return patch.deepCopy();
    }
    ObjectNode merged =
        target.isObject() ? (ObjectNode) target.deepCopy() : JsonNodeFactory.instance.objectNode();
    for (Map.Entry<String, JsonNode> change : patch.properties()) {
      if (change.getValue().isNull()) {
        merged.remove(change.getKey());
      } else {
        JsonNode old = merged.path(change.getKey());
        merged.set(change.getKey(), apply(old, change.getValue()));
      }
    }
    return merged;
  }
}
