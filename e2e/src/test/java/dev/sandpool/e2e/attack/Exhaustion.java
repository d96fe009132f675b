package dev.sandpool.e2e.attack;

import dev.sandpool.model.NetworkStatus;
import dev.sandpool.server.time.Patience;
import java.io.InputStream;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** Attempts to take more than a sandbox was given; each in one of its own, which may be lost. */
final class Exhaustion {
  private static final long MEMORY_MIB = 200;
  private static final int TOO_MUCH_MEMORY_MIB = 480;

  /** Each takes 2 MiB: runc stops them by their number, gVisor by the memory that they take. */
  private static final int TOO_MANY_PROCESSES = 200;

  private static final Duration PATIENCE = Patience.of(Duration.ofSeconds(20));

  private static final int OUTPUT_MIB = 2;

  private final Report report;

  Exhaustion(Report report) {
    this.report = report;
  }

  void judge(Ward ward) throws Exception {
    judged("exhaustion memory", take(ward, "memory", TOO_MUCH_MEMORY_MIB));
    judged("exhaustion processes", take(ward, "processes", TOO_MANY_PROCESSES));
    judged("exhaustion console", console(ward));
  }

  /** The same where nothing is bounded. */
  void control(Engines engines) throws Exception {
    Weakness unlimited = Weakness.unlimited();
    try (Ward ward = engines.weak(unlimited)) {
      String title = engines.title(unlimited);
      tried("exhaustion memory", title, take(ward, "memory", TOO_MUCH_MEMORY_MIB));
      tried("exhaustion processes", title, take(ward, "processes", TOO_MANY_PROCESSES));
    }
    try (Ward ward = engines.unboundedConsole()) {
      tried("exhaustion console", "a bound of 64 MiB", console(ward));
    }
  }

  private void judged(String probe, Finding finding) {
    report.row(probe).judged(Verdicts.OFF, finding, Optional.empty());
  }

  private void tried(String probe, String configuration, Finding finding) {
    report.row(probe).tried(configuration, finding);
  }

  private static Finding take(Ward ward, String what, int amount) throws Exception {
    Guest guest = ward.start(NetworkStatus.EGRESS_DISABLED, MEMORY_MIB);
    try {
      int got = guest.order("take", Map.of("what", what, "amount", amount), PATIENCE).asInt();
      return new Finding(got >= amount, "got %d of %d".formatted(got, amount));
    } catch (Guest.LostException e) {
      boolean alive =
          ward.engine().running().stream().anyMatch(running -> running.id().equals(guest.id()));
      return new Finding(
          false,
          alive ? "not within " + PATIENCE.toSeconds() + " s" : "the offender's sandbox ended");
    } finally {
      ward.stop(guest);
    }
  }

  /** How much is kept is what counts, not how much is printed. */
  private static Finding console(Ward ward) throws Exception {
    Guest guest = ward.start(NetworkStatus.EGRESS_DISABLED, MEMORY_MIB);
    guest.order("take", Map.of("what", "output", "amount", OUTPUT_MIB));
    try (InputStream in = ward.engine().console(guest.id(), false).orElseThrow()) {
      long kept = in.readAllBytes().length;
      long bound = Engines.BOUNDS.consoleBytes();
      return kept > bound
          ? new Finding(true, kept / 1024 + " KiB kept")
          : new Finding(false, "no more than " + bound / 1024 + " KiB kept");
    } finally {
      ward.stop(guest);
    }
  }
}
