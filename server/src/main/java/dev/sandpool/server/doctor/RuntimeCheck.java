package dev.sandpool.server.doctor;

import dev.sandpool.model.Isolation;
import dev.sandpool.server.engine.oci.EngineUnavailableException;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import dev.sandpool.server.engine.oci.RuntimeFinder;
import java.util.List;

/**
 * The runtime's program and its age.
 *
 * @param wished which runtime the server would take
 */
record RuntimeCheck(OciEngineConfig.Runtimes wished) implements Check.Examination {
  @Override
  public List<Finding> examine() {
    boolean runc = wished.isolation() == Isolation.CONTAINER;
    String name = runc ? "runc" : "runsc";
    try {
      RuntimeFinder.Found found =
          runc ? RuntimeFinder.runc(wished.runc()) : RuntimeFinder.runsc(wished.runsc());
      return List.of(Finding.ok(name, found.version() + ", " + found.binary()));
    } catch (EngineUnavailableException e) {
      return List.of(Finding.failed(name, e.getMessage() + "", "no sandbox starts"));
    }
  }
}
