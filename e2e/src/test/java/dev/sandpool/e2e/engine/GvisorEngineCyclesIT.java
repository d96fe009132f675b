package dev.sandpool.e2e.engine;

import dev.sandpool.server.engine.oci.OciEngineConfig;

/** Cycles on gVisor. */
class GvisorEngineCyclesIT extends EngineCycles {
  @Override
  OciEngineConfig.Runtimes runtimes() {
    return new GvisorEngineContractIT().runtimes();
  }

  @Override
  int few() {
    return 20;
  }
}
