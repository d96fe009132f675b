package dev.sandpool.server.management;

import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What tags must keep to, of whatever resource: ARM's limits. */
final class TagRules {
  private static final int MOST = 50;
  private static final int LONGEST_NAME = 512;
  private static final int LONGEST_VALUE = 256;

  private TagRules() {}

  static void check(ObjectNode document, Faults faults) {
    JsonNode tags = document.path("tags");
    if (tags.size() > MOST) {
      faults.add("tags", "has " + tags.size() + " tags; the most are " + MOST + ".");
    }
    for (Map.Entry<String, JsonNode> tag : tags.properties()) {
      String name = tag.getKey();
      int length = tag.getValue().asString("").length();
      if (name.isEmpty() || name.length() > LONGEST_NAME) {
        faults.add("tags", "a name has %d characters, not 1 to 512.".formatted(name.length()));
      } else if (length > LONGEST_VALUE) {
        faults.add("tags." + name, "has %d characters, not 0 to 256.".formatted(length));
      }
    }
  }
}
