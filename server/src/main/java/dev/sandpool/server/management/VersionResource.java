package dev.sandpool.server.management;

import dev.sandpool.model.InstanceId;
import dev.sandpool.server.engine.EngineInfo;
import java.util.function.Supplier;
import tools.jackson.databind.node.ObjectNode;

/** {@code GET /sandpool/version}: what this server is, and what isolation it has earned. */
final class VersionResource {
  private final String version;
  private final InstanceId instance;
  private final Supplier<EngineInfo> engine;

  VersionResource(String version, InstanceId instance, Supplier<EngineInfo> engine) {
    this.version = version;
    this.instance = instance;
    this.engine = engine;
  }

  Answer get(Call call) {
    EngineInfo info = engine.get();
    ObjectNode body =
        Fields.empty().put("version", version).put("isolation", info.isolation().label());
    info.caution().ifPresent(caution -> body.put("isolationCaution", caution));
    return Answer.of(200, body.put("runtime", info.runtime()).put("instance", instance.value()));
  }
}
