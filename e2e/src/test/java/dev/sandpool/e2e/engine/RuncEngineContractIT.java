package dev.sandpool.e2e.engine;

import dev.sandpool.server.engine.oci.OciEngineConfig;

/** The engine on runc. */
class RuncEngineContractIT extends OciEngineContract {
  @Override
  OciEngineConfig.Runtimes runtimes() {
    return OciEngineConfig.Runtimes.container();
  }
}
