package dev.sandpool.e2e.engine;

import dev.sandpool.server.engine.oci.OciEngineConfig;

/** Limits on gVisor. */
class GvisorEngineLimitsIT extends OciEngineLimits {
  @Override
  OciEngineConfig.Runtimes runtimes() {
    return new GvisorEngineContractIT().runtimes();
  }
}
