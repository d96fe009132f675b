package dev.sandpool.e2e.engine;

import dev.sandpool.server.engine.oci.OciEngineConfig;

/** Limits on runc. */
class RuncEngineLimitsIT extends OciEngineLimits {
  @Override
  OciEngineConfig.Runtimes runtimes() {
    return new RuncEngineContractIT().runtimes();
  }
}
