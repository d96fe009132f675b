package dev.sandpool.server.management;

import dev.sandpool.model.Json;
import dev.sandpool.server.ledger.ResourceRecord;
import java.time.Instant;
import java.util.function.Function;
import tools.jackson.databind.node.ObjectNode;

/** What the documents of all types have in common. */
final class Documents {
  private Documents() {}

  static ObjectNode parse(ResourceRecord resource) {
    return (ObjectNode) Json.MAPPER.readTree(resource.document());
  }

  /**
   * Who made and last changed it.
   *
   * @param created whether it stands in the answer to its creation, where times end in {@code Z}
   */
  static ObjectNode systemData(ResourceRecord resource, boolean created) {
    Function<Instant, String> time = created ? Times::zulu : Times::bare;
    return Fields.empty()
        .put("createdBy", resource.createdBy())
        .put("createdByType", "User")
        .put("createdAt", time.apply(resource.createdAt()))
        .put("lastModifiedBy", resource.modifiedBy())
        .put("lastModifiedByType", "User")
        .put("lastModifiedAt", time.apply(resource.modifiedAt()));
  }
}
