package dev.sandpool.server.management;

import dev.sandpool.model.ResourceId;
import dev.sandpool.server.ledger.Ledger;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code .../usages}: how much of their quotas a subscription, environment or pool asks for. */
final class UsagesResource {
  private final Ledger ledger;
  private final PoolStore pools;
  private final Quotas quotas;

  UsagesResource(Ledger ledger, PoolStore pools, Quotas quotas) {
    this.ledger = ledger;
    this.pools = pools;
    this.quotas = quotas;
  }

  /** Quotas are of the whole subscription, whatever location is asked for. */
  Answer ofSubscription(Call call) {
    return answer(quotas.ofSubscription(call.subscription()));
  }

  Answer ofEnvironment(Call call) {
    ResourceId id = call.resource(ResourceId.ENVIRONMENTS);
    if (ledger.resource(id.toString()).isEmpty()) {
      throw NotFound.of(id);
    }
    return answer(quotas.ofEnvironment(id));
  }

  Answer ofPool(Call call) {
    ResourceId id = call.resource(ResourceId.SESSION_POOLS);
    return answer(quotas.ofPool(pools.find(id).orElseThrow(() -> NotFound.of(id)).pool()));
  }

  private static Answer answer(List<Quotas.Usage> usages) {
    ObjectNode body = Fields.empty();
    ArrayNode value = body.putArray("value");
    for (Quotas.Usage usage : usages) {
      ObjectNode shown = value.addObject();
      shown.put("unit", "Count");
      shown.put("currentValue", usage.current());
      shown.put("limit", usage.limit());
      ObjectNode name = shown.putObject("name");
      name.put("value", usage.name());
      name.put("localizedValue", usage.words());
    }
    return Answer.of(200, body);
  }
}
