package dev.sandpool.server.doctor;

import static dev.sandpool.server.doctor.Check.Rights.ANYBODY;
import static dev.sandpool.server.doctor.Check.Rights.ROOT;
import static dev.sandpool.server.doctor.Check.Start.BEFORE;
import static dev.sandpool.server.doctor.Check.Start.BESIDE;
import static dev.sandpool.server.doctor.Check.Start.NOT;

import dev.sandpool.model.InstanceId;
import dev.sandpool.server.engine.oci.EngineUnavailableException;
import dev.sandpool.server.engine.oci.HostFacts;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All checks of a host, for one server that may run, may have run or shall run on it. */
public record Checkup(HostWishes wishes) {
  private static final Logger LOG = LoggerFactory.getLogger(Checkup.class);

  /**
   * Everything, which takes some seconds: a guest is started.
   *
   * @param abandoned a server whose data directory the operator knows to be gone
   * @param fix whether to mend first what can be mended without harm
   */
  public Report full(Optional<InstanceId> abandoned, boolean fix) {
    var doctor =
        new Doctor(
            HostFacts.root(), checks(true, abandoned, new FeaturesCheck(), new CgroupsCheck()));
    return fix ? doctor.repair() : doctor.examine();
  }

  /**
   * What a server asks before it makes anything, since even that takes some of them.
   *
   * @throws EngineUnavailableException with a sentence for each program that is missing
   */
  public void requireTools() throws EngineUnavailableException {
    require(List.of(tools(false)));
  }

  /**
   * What a server asks before it starts; warnings go to its log.
   *
   * @param notes folder of the engine's own, which keeps what worked since the host was booted
   * @throws EngineUnavailableException with a sentence for each thing without which no sandbox
   *     starts
   */
  public void requireAtStart(Path notes) throws EngineUnavailableException {
    var features = new OncePerBoot(notes.resolve("kernel-features"), new FeaturesCheck());
    var cgroups = new OncePerBoot(notes.resolve("cgroups"), new CgroupsCheck());
    require(atStart(Check.Start.BEFORE, features, cgroups));
  }

  /** What a server may want to know of its host and starts without; it goes to its log. */
  public void warnAtStart() {
    var checks = atStart(Check.Start.BESIDE, new FeaturesCheck(), new CgroupsCheck());
    warn(new Doctor(HostFacts.root(), checks).examine());
  }

  private List<Check> atStart(
      Check.Start start, Check.Examination features, Check.Examination cgroups) {
    return checks(false, Optional.empty(), features, cgroups).stream()
        .filter(check -> check.start() == start)
        .toList();
  }

  private static void require(List<Check> checks) throws EngineUnavailableException {
    var report = new Doctor(HostFacts.root(), checks).examine();
    warn(report);
    if (report.failed()) {
      throw new EngineUnavailableException(
          report.entries().stream()
              .filter(entry -> entry.finding() instanceof Finding.Failed)
              .map(Checkup::sentence)
              .collect(Collectors.joining(System.lineSeparator())));
    }
  }

  private static void warn(Report report) {
    for (Report.Entry entry : report.entries()) {
      if (entry.finding() instanceof Finding.Warning) {
        LOG.warn("{}", sentence(entry));
      }
    }
  }

  private static Check tools(boolean versions) {
    return new Check("tools", ANYBODY, BEFORE, new ToolsCheck(versions));
  }

  static String sentence(Report.Entry entry) {
    Finding finding = entry.finding();
    String text = entry.check() + ", " + finding.subject() + ": " + finding.found();
    return finding
        .advice()
        .map(advice -> text + "; " + advice.consequence() + "; " + advice.remedy())
        .orElse(text);
  }

  private List<Check> checks(
      boolean versions,
      Optional<InstanceId> abandoned,
      Check.Examination features,
      Check.Examination cgroups) {
    var folder = new ServerFolder(wishes.dataDirectory());
    var engine = wishes.engine();
    return List.of(
        new Check("kernel", ANYBODY, BEFORE, new KernelCheck()),
        new Check("kernel", ROOT, BEFORE, features),
        new Check("cgroups", ROOT, BEFORE, cgroups),
        tools(versions),
        new Check("runtime", ANYBODY, NOT, new RuntimeCheck(engine)),
        new Check("firewall", ROOT, BESIDE, new FirewallCheck()),
        new Check("network", ANYBODY, NOT, new RangeCheck(folder, engine.network().range())),
        new Check("network", ROOT, NOT, new PortsCheck(folder, wishes.addresses())),
        new Check("resources", ANYBODY, BESIDE, new MemoryCheck(folder, wishes.hostMemory())),
        new Check("resources", ANYBODY, BESIDE, new SwapCheck()),
        new Check("resources", ANYBODY, BESIDE, new DiskCheck(folder)),
        new Check("resources", ANYBODY, BESIDE, new ProcessesCheck()),
        new Check("resources", ANYBODY, BESIDE, new OpenFilesCheck()),
        new Check("resources", ANYBODY, BESIDE, new ConntrackCheck()),
        new Check("clock", ANYBODY, NOT, new ClockCheck()),
        new Check("data", ROOT, NOT, new DataDirectoryCheck(folder)),
        new Check("leftovers", ROOT, NOT, new LeftoversCheck(folder, abandoned)),
        new Check("trial", ROOT, NOT, new TrialCheck(engine, wishes.asked())));
  }
}
