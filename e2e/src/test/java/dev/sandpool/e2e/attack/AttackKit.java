package dev.sandpool.e2e.attack;

import dev.sandpool.model.Isolation;
import dev.sandpool.model.NetworkStatus;
import dev.sandpool.server.engine.oci.OciEngineConfig.Runtimes;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Runs the whole kit on one engine and writes its table; a program of its own, because it needs a
 * host of its own: {@link HostBox} starts it in one, or a whole virtual machine is.
 */
final class AttackKit {
  private final Engines engines;
  private final Round round;
  private final Verdicts verdicts;
  private final Report report;

  private AttackKit(Engines engines, Round round, Report report) {
    this.engines = engines;
    this.round = round;
    this.report = report;
    this.verdicts = new Verdicts(engines.gvisor());
  }

  /**
   * Arguments: isolation ({@code gvisor} or {@code container}), the runtime's program or {@code -},
   * the sample image's archive, a folder for itself, the table's file. Ends with 0 if everything
   * was stopped that must be and every probe worked somewhere, else with 1, saying what was wrong.
   */
  public static void main(String[] args) throws Exception {
    Isolation isolation = args[0].equals("gvisor") ? Isolation.GVISOR : Isolation.CONTAINER;
    Optional<Path> program = args[1].equals("-") ? Optional.empty() : Optional.of(Path.of(args[1]));
    var runtimes =
        isolation == Isolation.GVISOR
            ? new Runtimes(isolation, program, Optional.empty())
            : new Runtimes(isolation, Optional.empty(), program);
    Path work = Files.createDirectories(Path.of(args[3]));
    AttackImage image = AttackImage.unpack(Path.of(args[2]), work);
    World.make();
    Path marker = Files.writeString(work.resolve("marker"), "of the host");
    var report =
        new Report("Attack kit on " + args[0], List.of(Verdicts.OFF, Verdicts.ON, Verdicts.RAW));
    try (var receivers = new Receivers(image.rootfs())) {
      var engines = new Engines(runtimes, image, work);
      new AttackKit(engines, new Round(receivers, marker), report).run();
    } finally {
      report.write(Path.of(args[4]));
    }
    List<String> faults = report.faults();
    faults.forEach(System.out::println);
    System.exit(faults.isEmpty() ? 0 : 1);
  }

  private void run() throws Exception {
    try (Ward ward = engines.hardened()) {
      Victims victims = Victims.start(ward);
      judge(Verdicts.OFF, round.run(victims.attackerOf(ward, NetworkStatus.EGRESS_DISABLED), true));
      judge(Verdicts.ON, round.run(victims.attackerOf(ward, NetworkStatus.EGRESS_ENABLED), false));
      new Exhaustion(report).judge(ward);
      new Reuse(report).run(ward);
    }
    try (Ward ward = engines.weak(Weakness.rawSockets(engines.gvisor()))) {
      var attack = Victims.start(ward).attackerOf(ward, NetworkStatus.EGRESS_ENABLED);
      judge(Verdicts.RAW, round.run(attack, false));
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
      tried(open, round.run(attack, true));
    }
    Weakness host = Weakness.hostNetwork(engines.gvisor());
    try (Ward ward = engines.weak(host)) {
      var nobody = new Victims("10.0.0.3", "10.0.0.5");
      tried(host, round.run(nobody.attack(ward.startOnHost(), "10.0.0.1"), true));
    }
    Weakness privileged = Weakness.privileged();
    try (Ward ward = engines.weakContainer(privileged)) {
      var attack = Victims.start(ward).attackerOf(ward, NetworkStatus.EGRESS_DISABLED);
      Map<String, Finding> findings = round.run(attack, true);
      tried(privileged, findings);
      findings.forEach(
          (probe, finding) ->
              verdicts
                  .excuse(probe, finding)
                  .ifPresent(reason -> report.row(probe).excuse(reason)));
    }
  }

  private void tried(Weakness weakness, Map<String, Finding> findings) {
    findings.forEach((probe, finding) -> report.row(probe).tried(weakness.title(), finding));
  }
}
