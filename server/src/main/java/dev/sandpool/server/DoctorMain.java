package dev.sandpool.server;

import dev.sandpool.server.config.CommandLine;
import dev.sandpool.server.config.ConfigException;
import dev.sandpool.server.config.ConfigLoader;
import dev.sandpool.server.config.DoctorCommandLine;
import dev.sandpool.server.config.DoctorCommandLine.Parsed;
import dev.sandpool.server.config.Machine;
import dev.sandpool.server.doctor.Checkup;
import dev.sandpool.server.doctor.Report;
import dev.sandpool.server.doctor.ReportJson;
import dev.sandpool.server.doctor.ReportTable;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** {@code sandpool doctor}. */
public final class DoctorMain {
  private static final Duration TRIAL = Duration.ofMinutes(2);

  private DoctorMain() {}

  /** Exit codes: 0 nothing failed, 1 something failed, 2 misuse. */
  public static void main(String[] args) {
    switch (DoctorCommandLine.parse(List.of(args))) {
      case Parsed.Help help -> System.out.println(help.text());
      case Parsed.Misuse misuse -> misuse(misuse.line());
      case Parsed.Run run -> run(run);
    }
  }

  private static void run(Parsed.Run run) {
    try {
      var config = new ConfigLoader(Machine.current()).load(run.server().config(), run.server());
      var checkup = new Checkup(new EnginePartSettings(config).host());
      var done = new CountDownLatch(1);
      // Whoever loses patience must not leave half a trial on the host.
      Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> await(done)));
      Report report;
      try {
        report = checkup.full(run.abandoned(), run.fix());
      } finally {
        done.countDown();
      }
      boolean colours =
          System.getProperty("sandpool.terminals", "").contains("1")
              && System.getenv("NO_COLOR") == null;
      System.out.println(run.json() ? ReportJson.of(report) : ReportTable.of(report, colours));
      System.exit(report.failed() ? 1 : 0);
    } catch (ConfigException e) {
      misuse(String.join(System.lineSeparator(), e.problems()));
    }
  }

  private static void await(CountDownLatch done) {
    try {
      if (!done.await(TRIAL.toSeconds(), TimeUnit.SECONDS)) {
        System.err.println(
            "sandpool doctor: the trial does not end; run it again to see what it left");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void misuse(String message) {
    System.err.println(message);
    System.exit(CommandLine.MISUSE);
  }
}
