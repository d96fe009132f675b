package dev.sandpool.server.doctor;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs checks, one after the other, so that none sees what another tries out.
 *
 * @param root whether checks that need root can be done
 */
record Doctor(boolean root, List<Check> checks) {
  Report examine() {
    List<Report.Entry> entries = new ArrayList<>();
    for (Check check : checks) {
      findings(check).forEach(found -> entries.add(new Report.Entry(check.name(), found)));
    }
    return new Report(entries, List.of());
  }

  /** Mends where something is not in order, then looks at everything. */
  Report repair() {
    List<String> repaired = new ArrayList<>();
    for (Check check : checks) {
      if (permitted(check)
          && check.examination() instanceof Check.Repair repair
          && findings(check).stream().anyMatch(found -> !(found instanceof Finding.Ok))) {
        try {
          repaired.addAll(repair.repair());
        } catch (IOException | RuntimeException e) {
          repaired.add("nothing more of " + check.name() + ": " + e.getMessage());
        }
      }
    }
    return new Report(examine().entries(), repaired);
  }

  private List<Finding> findings(Check check) {
    if (!permitted(check)) {
      return List.of(
          Finding.unknown(
              "everything", "needs root", "what is wrong here does not show", "run it as root"));
    }
    try {
      return check.examination().examine();
    } catch (IOException | RuntimeException e) {
      return List.of(
          Finding.unknown(
              "everything",
              "cannot be told: " + e.getMessage(),
              "what is wrong here does not show",
              root ? "look at what the message names" : "run it as root"));
    }
  }

  private boolean permitted(Check check) {
    return root || check.rights() == Check.Rights.ANYBODY;
  }
}
