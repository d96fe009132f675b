package dev.sandpool.server.management;

import dev.sandpool.server.ledger.Ledger;
import dev.sandpool.server.ledger.ResourceRecord;
import dev.sandpool.server.role.Action;
import dev.sandpool.server.secret.DataKey;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Log Analytics workspaces, as far as making an environment touches them (contract, end), with the
 * keys that the command line asks for. What environments log to them is asked for by {@link
 * LogQueryResource}.
 */
final class LogAnalyticsWorkspaces implements SimpleKind {
  static final String TYPE = "Microsoft.OperationalInsights/workspaces";
  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9-]{2,61}[A-Za-z0-9]");
  private static final String CUSTOMER = "customerId";
  private static final String KEYS = "sealedKeys";
  private static final int KEY_BYTES = 64;
  private static final int DEFAULT_RETENTION = 30;

  private static final Shape.Obj BODY =
      Shape.Obj.of(
          "location",
          Shape.Value.TEXT,
          "tags",
          new Shape.Strings(),
          "properties",
          Shape.Obj.of(
              "sku",
              Shape.Obj.of("name", Shape.Value.TEXT),
              "retentionInDays",
              Shape.Value.WHOLE,
              "publicNetworkAccessForIngestion",
              Shape.Value.TEXT,
              "publicNetworkAccessForQuery",
              Shape.Value.TEXT,
              "workspaceCapping",
              Shape.Obj.of("dailyQuotaGb", Shape.Value.NUMBER),
              "features",
              Shape.Value.READ_ONLY,
              "provisioningState",
              Shape.Value.READ_ONLY,
              CUSTOMER,
              Shape.Value.READ_ONLY),
          "identity",
          Shape.Value.READ_ONLY,
          "etag",
          Shape.Value.READ_ONLY,
          "id",
          Shape.Value.READ_ONLY,
          "name",
          Shape.Value.READ_ONLY,
          "type",
          Shape.Value.READ_ONLY,
          "systemData",
          Shape.Value.READ_ONLY);

  private final DataKey key;
  private final SecureRandom random = new SecureRandom();

  /**
   * @param key seals the shared keys in the ledger
   */
  LogAnalyticsWorkspaces(DataKey key) {
    this.key = key;
  }

  @Override
  public String type() {
    return TYPE;
  }

  @Override
  public Action read() {
    return Action.WORKSPACE_READ;
  }

  @Override
  public Pattern name() {
    return NAME;
  }

  @Override
  public String nameRule() {
    return "must have 4 to 63 letters, digits and hyphens, and no hyphen at its ends.";
  }

  @Override
  public Shape.Obj shape() {
    return BODY;
  }

  @Override
  public void check(ObjectNode document, Faults faults) {
    ObjectNode properties = Fields.object(document, "properties");
    long days = Fields.whole(properties, "retentionInDays").orElse((long) DEFAULT_RETENTION);
    properties.put("retentionInDays", days);
    PoolRules.range(days, 7, 730, "properties.retentionInDays", faults);
    if (Fields.text(properties, "sku", "name").isEmpty()) {
      properties.putObject("sku").put("name", "PerGB2018");
    }
  }

  @Override
  public void complete(ObjectNode document, Optional<ObjectNode> before) {
    before.ifPresentOrElse(
        it -> {
          document.set(CUSTOMER, it.path(CUSTOMER));
          document.set(KEYS, it.path(KEYS));
        },
        () -> {
          document.put(CUSTOMER, UUID.randomUUID().toString());
          document.putArray(KEYS).add(sealed()).add(sealed());
        });
  }

  @Override
  public void show(ObjectNode document, ResourceRecord workspace, ObjectNode body) {
    body.put("etag", Preconditions.tag(workspace));
    ObjectNode properties = body.putObject("properties");
    properties.put("provisioningState", "Succeeded");
    properties.set(CUSTOMER, document.path(CUSTOMER));
    document
        .path("properties")
        .properties()
        .forEach(it -> properties.set(it.getKey(), it.getValue()));
  }

  /** The answer to {@code sharedKeys} of this workspace. */
  Answer sharedKeys(ResourceRecord workspace) {
    JsonNode keys = Documents.parse(workspace).path(KEYS);
    return Answer.of(
        200,
        Fields.empty()
            .put("primarySharedKey", opened(keys.path(0)))
            .put("secondarySharedKey", opened(keys.path(1))));
  }

  private String opened(JsonNode sealed) {
    byte[] plain = key.open(Base64.getDecoder().decode(sealed.asString("")));
    return Base64.getEncoder().encodeToString(plain);
  }

  private String sealed() {
    byte[] fresh = new byte[KEY_BYTES];
    random.nextBytes(fresh);
    return Base64.getEncoder().encodeToString(key.seal(fresh));
  }

  /** The workspace of that customer id. */
  static Optional<ResourceRecord> ofCustomer(Ledger ledger, String id) {
    return ledger.resources(TYPE, "").stream()
        .filter(it -> Documents.parse(it).path(CUSTOMER).asString("").equalsIgnoreCase(id))
        .findFirst();
  }
}
