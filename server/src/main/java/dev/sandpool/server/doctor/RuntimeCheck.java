package dev.sandpool.server.doctor;

import dev.sandpool.model.Isolation;
import dev.sandpool.server.engine.oci.EngineUnavailableException;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import dev.sandpool.server.engine.oci.RuntimeFinder;
import dev.sandpool.server.engine.oci.Vessel;
import java.util.ArrayList;
import java.util.List;

/**
 * The runtime's program and its age, and what virtual machines are made of where they are asked
 * for.
 *
 * @param engine which runtime the server would take
 */
record RuntimeCheck(OciEngineConfig engine) implements Check.Examination {
  @Override
  public List<Finding> examine() {
    OciEngineConfig.Runtimes wished = engine.runtimes();
    boolean runc = wished.isolation() == Isolation.CONTAINER;
    List<Finding> findings = new ArrayList<>();
    String name = runc ? "runc" : "runsc";
    try {
      RuntimeFinder.Found found =
          runc ? RuntimeFinder.runc(wished.runc()) : RuntimeFinder.runsc(wished.runsc());
      findings.add(Finding.ok(name, found.version() + ", " + found.binary()));
    } catch (EngineUnavailableException e) {
      findings.add(Finding.failed(name, e.getMessage() + "", "no sandbox starts"));
    }
    engine.vessel().ifPresent(maker -> findings.addAll(parts(maker)));
    return findings;
  }

  private static List<Finding> parts(Vessel.Maker maker) {
    try {
      return maker.parts().entrySet().stream()
          .map(part -> Finding.ok(part.getKey(), part.getValue()))
          .toList();
    } catch (EngineUnavailableException e) {
      return List.of(Finding.failed("virtual machines", e.getMessage() + "", "no sandbox starts"));
    }
  }
}
