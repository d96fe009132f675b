package dev.sandpool.e2e.vm;

import java.io.PrintStream;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/** Prints a line when a test begins and one when it ends, so that a hanging one has a name. */
final class TestLines implements TestExecutionListener {
  private final PrintStream out;
  private final Map<String, Long> begun = new ConcurrentHashMap<>();
  private int passed;
  private int failed;

  TestLines(PrintStream out) {
    this.out = out;
  }

  /** Whether there was a test and none failed; a test that is not found is a failure. */
  boolean allPassed() {
    return passed > 0 && failed == 0;
  }

  @Override
  public void executionStarted(TestIdentifier test) {
    if (test.isTest()) {
      begun.put(test.getUniqueId(), System.nanoTime());
      out.println("running " + name(test));
    }
  }

  @Override
  public void executionSkipped(TestIdentifier test, String reason) {
    out.println("skipped " + name(test) + ": " + reason);
  }

  @Override
  public void executionFinished(TestIdentifier test, TestExecutionResult result) {
    boolean successful = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
    if (!successful) {
      failed++;
      out.println("failed  " + name(test) + took(test));
      result.getThrowable().ifPresent(cause -> cause.printStackTrace(out));
    } else if (test.isTest()) {
      passed++;
      out.println("passed  " + name(test) + took(test));
    }
  }

  private String took(TestIdentifier test) {
    long now = System.nanoTime();
    return " (%d s)".formatted((now - begun.getOrDefault(test.getUniqueId(), now)) / 1_000_000_000);
  }

  private static String name(TestIdentifier test) {
    return test.getSource()
        .filter(MethodSource.class::isInstance)
        .map(MethodSource.class::cast)
        .map(method -> method.getJavaClass().getSimpleName() + "." + test.getDisplayName())
        .orElse(test.getDisplayName());
  }
}
