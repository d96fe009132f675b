package dev.sandpool.server.management;

import dev.sandpool.server.secret.DataKey;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Keeps the values of a pool's secrets, which are written and never read back (contract 1.2): in
 * the stored document they stand sealed under {@code sealedSecrets}, by name, since later patches
 * do not repeat them. No answer shows that property.
 */
final class SecretBox {
  static final String SEALED = "sealedSecrets";

  private final DataKey key;

  SecretBox(DataKey key) {
    this.key = key;
  }

  /**
   * Moves the values out of {@code properties.secrets} into the sealed property. A secret that
   * comes without value keeps the one it has.
   *
   * @param old the stored document; one without properties where the pool is new
   * @return the values by name
   */
  Map<String, String> seal(ObjectNode document, ObjectNode old, Faults faults) {
    Map<String, String> values = new LinkedHashMap<>();
    ObjectNode sealed = Fields.empty();
    List<JsonNode> secrets = Fields.elements(document, "properties", "secrets");
    for (int i = 0; i < secrets.size(); i++) {
      String name = Fields.text(secrets.get(i), "name").orElse("");
      Optional<String> stored = Fields.text(old, SEALED, name);
      Optional<String> before = stored.map(this::open);
      Optional<String> value = Fields.text(secrets.get(i), "value").or(() -> before);
      if (value.isEmpty()) {
        faults.add("properties.secrets[" + i + "].value", "is required for a new secret.");
        continue;
      }
      values.put(name, value.get());
      // Sealing gives another text each time: the same value must leave the document as it was.
      boolean same = value.equals(before);
      sealed.put(name, same ? stored.orElseThrow() : seal(value.get()));
    }
    namesOnly(document, secrets);
    document.set(SEALED, sealed);
    return values;
  }

  private static void namesOnly(ObjectNode document, List<JsonNode> secrets) {
    var names = Fields.object(document, "properties").putArray("secrets");
    for (JsonNode secret : secrets) {
      names.addObject().put("name", Fields.text(secret, "name").orElse(""));
    }
  }

  private String seal(String value) {
    return Base64.getEncoder().encodeToString(key.seal(value.getBytes(StandardCharsets.UTF_8)));
  }

  private String open(String sealed) {
    return new String(key.open(Base64.getDecoder().decode(sealed)), StandardCharsets.UTF_8);
  }
}
