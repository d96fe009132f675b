package dev.sandpool.cli.account;

import dev.sandpool.cli.rest.Context;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** What scripts read of a login: a subscription of it, in the words of az. */
final class Account {
  private Account() {}

  static ObjectNode of(Context context, String subscription, boolean isDefault) {
    ObjectNode account = JsonNodeFactory.instance.objectNode();
    account.put("environmentName", "Sandpool");
    account.put("homeTenantId", context.tenant());
    account.put("id", subscription);
    account.put("isDefault", isDefault);
    account.put("name", "Sandpool");
    account.put("state", "Enabled");
    account.put("tenantId", context.tenant());
    account.putObject("user").put("name", context.clientId()).put("type", "servicePrincipal");
    account.put("endpoint", context.managementEndpoint());
    return account;
  }
}
