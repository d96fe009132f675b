package dev.sandpool.server.doctor;

import static dev.sandpool.server.doctor.Check.Rights.ANYBODY;
import static dev.sandpool.server.doctor.Check.Rights.ROOT;

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
    var doctor = new Doctor(HostFacts.root(), checks(true, abandoned, new FeaturesCheck()));
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
   * What a server asks at each start; warnings go to its log.
   *
   * @param notes folder of the engine's own, which keeps what worked since the host was booted
   * @throws EngineUnavailableException with a sentence for each thing without which no sandbox
   *     starts
   */
  public void requireAtStart(Path notes) throws EngineUnavailableException {
    var features = new OncePerBoot(notes.resolve("kernel-features"), new FeaturesCheck());
    require(checks(false, Optional.empty(), features).stream().filter(Check::atStart).toList());
  }

  private static void require(List<Check> checks) throws EngineUnavailableException {
    var report = new Doctor(HostFacts.root(), checks).examine();
    for (Report.Entry entry : report.entries()) {
      if (entry.finding() instanceof Finding.Warning) {
        LOG.warn("{}", sentence(entry));
      }
    }
    if (report.failed()) {
      throw new EngineUnavailableException(
          report.entries().stream()
              .filter(entry -> entry.finding() instanceof Finding.Failed)
              .map(Checkup::sentence)
              .collect(Collectors.joining(System.lineSeparator())));
    }
  }

  private static Check tools(boolean versions) {
    return new Check("tools", ANYBODY, true, new ToolsCheck(versions));
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
      boolean versions, Optional<InstanceId> abandoned, Check.Examination features) {
    var folder = new ServerFolder(wishes.dataDirectory());
    var engine = wishes.engine();
    return List.of(
        new Check("kernel", ANYBODY, true, new KernelCheck()),
        new Check("kernel", ROOT, true, features),
        new Check("cgroups", ROOT, true, new CgroupsCheck()),
        tools(versions),
        new Check("runtime", ANYBODY, false, new RuntimeCheck(engine)),
        new Check("firewall", ROOT, true, new FirewallCheck()),
        new Check("network", ANYBODY, false, new RangeCheck(folder, engine.network().range())),
        new Check("network", ROOT, false, new PortsCheck(folder, wishes.addresses())),
        new Check("resources", ANYBODY, true, new MemoryCheck(folder, wishes.hostMemory())),
        new Check("resources", ANYBODY, true, new SwapCheck()),
        new Check("resources", ANYBODY, true, new DiskCheck(folder)),
        new Check("resources", ANYBODY, true, new ProcessesCheck()),
        new Check("resources", ANYBODY, true, new OpenFilesCheck()),
        new Check("resources", ANYBODY, true, new ConntrackCheck()),
        new Check("clock", ANYBODY, false, new ClockCheck()),
        new Check("data", ROOT, false, new DataDirectoryCheck(folder)),
        new Check("leftovers", ROOT, false, new LeftoversCheck(folder, abandoned)),
        new Check("trial", ROOT, false, new TrialCheck(engine, wishes.asked())));
  }
}
