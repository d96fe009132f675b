package dev.sandpool.e2e.engine;

import dev.sandpool.server.engine.oci.OciEngineConfig;

/** Hazards on Runc. */
class RuncEngineHazardsIT extends OciEngineHazards {
  @Override
  OciEngineConfig.Runtimes runtimes() {
    return new RuncEngineContractIT().runtimes();
  }
}
