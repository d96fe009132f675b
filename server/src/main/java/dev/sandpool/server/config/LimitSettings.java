package dev.sandpool.server.config;

/**
 * {@code limits}: what pools may ask for. The defaults are the contract's ranges.
 *
 * @param cooldownSeconds the accepted cooldown periods
 * @param readySessionsMinimum the least accepted number of ready sessions
 * @param maxSessionsMaximum the largest accepted number of concurrent sessions
 * @param cpuMinimum the least processor share of a sandbox, in cores
 * @param cpuMaximum the largest
 * @param memoryBytes the accepted memory of a sandbox
 * @param hostMemoryBytes what all sandboxes together, runtime included, may take
 * @param hostDiskFloorBytes how much of the host's disk stays free: below it no sandbox starts
 * @param subscription quotas of all pools of a subscription together
 * @param pool quotas of each pool
 */
public record LimitSettings(
    Range cooldownSeconds,
    int readySessionsMinimum,
    int maxSessionsMaximum,
    double cpuMinimum,
    double cpuMaximum,
    Range memoryBytes,
    long hostMemoryBytes,
    long hostDiskFloorBytes,
    QuotaSettings subscription,
    QuotaSettings pool) {

  /** Accepted whole numbers, both ends included. */
  public record Range(long minimum, long maximum) {
    /** Whether it is between the ends. */
    public boolean contains(long value) {
      return value >= minimum && value <= maximum;
    }
  }

  static LimitSettings read(Section section, Machine machine, boolean dev) {
    Section cpu = section.section("cpu");
    double cpuMinimum = cpu.value("minimum", "0.25", Form.decimal(0.01, 256));
    double cpuMaximum = cpu.value("maximum", "2.0", Form.decimal(0.01, 256));
    ordered(cpu, cpuMinimum <= cpuMaximum, cpuMinimum + " > " + cpuMaximum);
    Section host = section.section("host");
    return new LimitSettings(
        cooldown(section.section("cooldownSeconds"), dev),
        section
            .section("readySessions")
            .value("minimum", dev ? "0" : "1", "1 (0 with `--dev`)", Form.integer(0, 600)),
        section.section("maxSessions").value("maximum", "600", Form.integer(1, 100_000)),
        cpuMinimum,
        cpuMaximum,
        memory(section.section("memory")),
        host.value(
            "memory",
            Long.toString(machine.memoryBytes() / 5 * 4),
            "80 % of the machine's",
            Form.size("64Mi", "64Ti")),
        host.value("freeDisk", "1Gi", Form.size("0", "64Ti")),
        QuotaSettings.read(section.section("subscription")),
        QuotaSettings.read(section.section("pool")));
  }

  private static Range cooldown(Section section, boolean dev) {
    Form<Integer> seconds = Form.integer(1, 86_400);
    int minimum = section.value("minimum", dev ? "1" : "300", "300 (1 with `--dev`)", seconds);
    int maximum = section.value("maximum", "3600", seconds);
    ordered(section, minimum <= maximum, minimum + " > " + maximum);
    return new Range(minimum, maximum);
  }

  private static Range memory(Section section) {
    Form<Long> size = Form.size("16Mi", "1Ti");
    long minimum = section.value("minimum", "512Mi", size);
    long maximum = section.value("maximum", "4Gi", size);
    ordered(section, minimum <= maximum, minimum + " > " + maximum);
    return new Range(minimum, maximum);
  }

  private static void ordered(Section section, boolean holds, String values) {
    if (!holds) {
      section.refuse("minimum", "is above the maximum: " + values);
    }
  }
}
