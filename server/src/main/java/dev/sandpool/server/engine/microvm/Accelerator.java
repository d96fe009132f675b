package dev.sandpool.server.engine.microvm;

import java.time.Duration;

/** What a machine's processor is. */
enum Accelerator {
  /** The hardware's own. */
  KVM("kvm", "host", "", 96, Duration.ofSeconds(10)),

  /** A program's. Without these options the kernel measures its clocks for ever, or wrongly. */
  TCG("tcg,tb-size=64", "max", " tsc_early_khz=2600000 lpj=5200000", 192, Duration.ofMinutes(2));

  private final String option;
  private final String processor;
  private final String kernelOptions;
  private final int monitorMebibytes;
  private final Duration trial;

  Accelerator(
      String option, String processor, String kernelOptions, int monitorMebibytes, Duration trial) {
    this.option = option;
    this.processor = processor;
    this.kernelOptions = kernelOptions;
    this.monitorMebibytes = monitorMebibytes;
    this.trial = trial;
  }

  /** Of QEMU's {@code -accel}. */
  String option() {
    return option;
  }

  /** Of QEMU's {@code -cpu}. */
  String processor() {
    return processor;
  }

  /** What the guest's kernel cannot find out with it. */
  String kernelOptions() {
    return kernelOptions;
  }

  /** What QEMU needs beside the machine's memory. */
  int monitorMebibytes() {
    return monitorMebibytes;
  }

  /** How long a guest may take until it runs, before it counts as hanging. */
  Duration trial() {
    return trial;
  }

  boolean emulates() {
    return this == TCG;
  }
}
