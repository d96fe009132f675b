package dev.sandpool.server.doctor;

import dev.sandpool.model.Isolation;
import dev.sandpool.server.engine.EngineInfo;
import dev.sandpool.server.engine.oci.EngineTrial;
import dev.sandpool.server.engine.oci.EngineUnavailableException;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * Starts a guest as the server would: its platform, network stack, rules and limits.
 *
 * @param wished what the server would use
 * @param asked the weakest isolation with which it would start
 */
record TrialCheck(OciEngineConfig wished, Isolation asked) implements Check.Examination {
  @Override
  public List<Finding> examine() throws IOException {
    long begin = System.nanoTime();
    try {
      EngineInfo info = EngineTrial.run(wished);
      return List.of(judge(info, asked, Duration.ofNanos(System.nanoTime() - begin)));
    } catch (EngineUnavailableException e) {
      return List.of(Finding.failed("a guest", e.getMessage() + "", "no sandbox starts"));
    }
  }

  static Finding judge(EngineInfo info, Isolation asked, Duration took) {
    String found =
        "%s answered after %d ms, isolation %s"
            .formatted(info.runtime(), took.toMillis(), info.isolation());
    if (info.isolation().compareTo(asked) < 0) {
      return Finding.failed(
          "a guest",
          found,
          "the server does not start: engine.isolation asks for " + asked,
          "ask for less in engine.isolation, or mend what keeps the stronger one from working");
    }
    return switch (info.isolation()) {
      case MICROVM ->
          info.emulated()
              ? Finding.warning(
                  "a guest",
                  found,
                  "machines run in software emulation: slow, and with QEMU as the boundary",
                  "use a host with working KVM, and leave engine.microvm.emulation out")
              : Finding.ok("a guest", found);
      case GVISOR -> Finding.ok("a guest", found);
      case GVISOR_HOSTNET ->
          Finding.warning(
              "a guest",
              found,
              "network system calls of sandboxes reach the host's kernel",
              "install a newer runsc: gVisor's own network stack does not work with this one");
      case CONTAINER ->
          Finding.warning(
              "a guest",
              found,
              "the host's kernel is the boundary: for trusted code only",
              "leave engine.isolation out to have gVisor");
    };
  }
}
