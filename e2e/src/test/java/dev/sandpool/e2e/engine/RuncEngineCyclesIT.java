package dev.sandpool.e2e.engine;

import dev.sandpool.server.engine.oci.OciEngineConfig;

/** Cycles on runc. */
class RuncEngineCyclesIT extends EngineCycles {
  @Override
  OciEngineConfig.Runtimes runtimes() {
    return new RuncEngineContractIT().runtimes();
  }

  @Override
  int few() {
    return 60;
  }
}
