package dev.sandpool.e2e.attack;

import dev.sandpool.model.Isolation;
import dev.sandpool.model.NetworkStatus;
import dev.sandpool.server.engine.oci.OciEngineConfig.Runtimes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Runs the whole kit on one engine and writes its table; a program of its own, because it needs a
 * host of its own: {@link HostBox} starts it in one, or a whole virtual machine is.
 */
final class AttackKit {
  /** Where what only a guest's kernel refuses works: it is then up to the other walls. */
  private static final String INSIDE = "all privileges in the guest";

  private final Engines engines;
  private final Round round;
  private final Verdicts verdicts;
  private final Report report;

  private AttackKit(Engines engines, Round round, Report report) {
    this.engines = engines;
    this.round = round;
    this.report = report;
    this.verdicts = new Verdicts(engines.subject());
  }

  /**
   * Arguments: isolation ({@code gvisor}, {@code container} or {@code microvm}), the runtime's
   * program or {@code -} (of machines the folder with their guest), the sample image's archive, a
   * folder for itself, the table's file. Ends with 0 if each way to each place was tried,
   * everything was stopped that must be and every probe worked somewhere, else with 1, saying what
   * was wrong.
   */
  public static void main(String[] args) throws Exception {
    Subject subject = Subject.of(args[0]);
    Path work = Files.createDirectories(Path.of(args[3]));
    AttackImage image = AttackImage.unpack(Path.of(args[2]), work);
    Optional<Machines> machines = Optional.empty();
    if (subject == Subject.MICROVM) {
      image = image.onDisk();
      machines = Optional.of(Machines.of(Path.of(args[1]), Path.of(args[5]), work));
    }
    World.make();
    Path marker = Files.writeString(work.resolve("marker"), "of the host");
    var report =
        new Report("Attack kit on " + args[0], List.of(Verdicts.OFF, Verdicts.ON, Verdicts.RAW));
    var engines = new Engines(subject, runtimes(subject, args[1]), machines, image, work);
    // Before the receivers are there, one of which has the endpoint's port on all of the host.
    new OthersIdentity(report).run(engines);
    try (var receivers = new Receivers(image.rootfs())) {
      new AttackKit(engines, new Round(receivers, marker), report).run();
      if (subject == Subject.MICROVM) {
        new Devices(report, engines, image.disk()).judge();
      }
    } finally {
      report.write(Path.of(args[4]));
    }
    List<String> faults = new ArrayList<>(report.faults());
    faults.addAll(report.lacking(Place.cells()));
    faults.forEach(System.out::println);
    System.exit(faults.isEmpty() ? 0 : 1);
  }

  private static Runtimes runtimes(Subject subject, String program) {
    Optional<Path> given = program.equals("-") ? Optional.empty() : Optional.of(Path.of(program));
    return switch (subject) {
      case GVISOR -> new Runtimes(Isolation.GVISOR, given, Optional.empty());
      case CONTAINER -> new Runtimes(Isolation.CONTAINER, Optional.empty(), given);
      case MICROVM -> Runtimes.container();
    };
  }

  private void run() throws Exception {
    Set<String> network;
    try (Ward ward = engines.hardened()) {
      Victims victims = Victims.start(ward);
      judge(Verdicts.OFF, round.run(victims.attackerOf(ward, NetworkStatus.EGRESS_DISABLED), true));
      var allowed = round.run(victims.attackerOf(ward, NetworkStatus.EGRESS_ENABLED), false);
      judge(Verdicts.ON, allowed);
      network = allowed.keySet();
      new Exhaustion(report).judge(ward);
      new Reuse(report).run(ward);
    }
    try (Ward ward = engines.privilegedInside()) {
      var attack = Victims.start(ward).attackerOf(ward, NetworkStatus.EGRESS_ENABLED);
      boolean kernel = engines.subject() == Subject.MICROVM;
      Map<String, Finding> findings = new LinkedHashMap<>(round.run(attack, kernel));
      Map<String, Finding> inside = new LinkedHashMap<>(findings);
      inside.keySet().removeAll(network);
      tried(INSIDE, inside);
      findings.keySet().retainAll(network);
      judge(Verdicts.RAW, findings);
    }
    weakened();
    new Exhaustion(report).control(engines);
  }

  private void judge(String configuration, Map<String, Finding> findings) {
    findings.forEach(
        (probe, finding) ->
            report
                .row(probe)
                .judged(configuration, finding, verdicts.intended(configuration, probe)));
  }

  /** What must give way, or the probe proves nothing. */
  private void weakened() throws Exception {
    Weakness open = Weakness.open(engines.gvisor());
    try (Ward ward = engines.weak(open)) {
      var attack = Victims.start(ward).attackerOf(ward, NetworkStatus.EGRESS_DISABLED);
      tried(engines.title(open), round.run(attack, true));
    }
    Weakness host = Weakness.hostNetwork(engines.gvisor());
    try (Ward ward = engines.weak(host)) {
      var nobody = new Victims("10.0.0.3", "10.0.0.5");
      tried(engines.title(host), round.run(nobody.attack(ward.startOnHost(), "10.0.0.1"), true));
    }
    Weakness privileged = Weakness.privileged();
    try (Ward ward = engines.weakContainer(privileged)) {
      var attack = Victims.start(ward).attackerOf(ward, NetworkStatus.EGRESS_DISABLED);
      Map<String, Finding> findings = round.run(attack, true);
      tried(engines.title(privileged), findings);
      findings.forEach(
          (probe, finding) ->
              verdicts
                  .excuse(probe, finding)
                  .ifPresent(reason -> report.row(probe).excuse(reason)));
    }
  }

  private void tried(String configuration, Map<String, Finding> findings) {
    findings.forEach((probe, finding) -> report.row(probe).tried(configuration, finding));
  }
}
