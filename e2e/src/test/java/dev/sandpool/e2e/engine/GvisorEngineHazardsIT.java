package dev.sandpool.e2e.engine;

import dev.sandpool.server.engine.oci.OciEngineConfig;

/** Hazards on Gvisor. */
class GvisorEngineHazardsIT extends OciEngineHazards {
  @Override
  OciEngineConfig.Runtimes runtimes() {
    return new GvisorEngineContractIT().runtimes();
  }
}
