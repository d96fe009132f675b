package dev.sandpool.e2e.vm;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.reporting.legacy.xml.LegacyXmlReportGeneratingListener;

/**
 * The guest's test runner: JUnit's launcher without the command line of its console, whose start
 * alone takes a minute on an emulated processor.
 */
final class GuestTests {
  private final Launcher launcher = LauncherFactory.create();
  private final Path reports;
  private final TestLines lines;

  private GuestTests(Path reports, TestLines lines) {
    this.reports = reports;
    this.lines = lines;
  }

  /**
   * Runs tests and exits with 0 if there was one and all passed.
   *
   * @param args a file with a test a line, {@code CLASS} or {@code CLASS#METHOD}, and the folder
   *     for the reports, one a class
   */
  public static void main(String[] args) throws IOException {
    var lines = new TestLines(System.out);
    var tests = new GuestTests(Path.of(args[1]), lines);
    byClass(Files.readAllLines(Path.of(args[0]))).forEach(tests::run);
    System.exit(lines.allPassed() ? 0 : 1);
  }

  private static Map<String, List<DiscoverySelector>> byClass(List<String> tests) {
    Map<String, List<DiscoverySelector>> selectors = new LinkedHashMap<>();
    for (String test : tests) {
      String name = test.replaceFirst("#.*", "");
      selectors
          .computeIfAbsent(name, any -> new ArrayList<>())
          .add(test.equals(name) ? selectClass(name) : selectMethod(test));
    }
    return selectors;
  }

  private void run(String name, List<DiscoverySelector> selectors) {
    Path folder = reports.resolve(name);
    try {
      Files.createDirectories(folder);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write reports", e);
    }
    var errors = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
    launcher.execute(
        LauncherDiscoveryRequestBuilder.request().selectors(selectors).build(),
        lines,
        new LegacyXmlReportGeneratingListener(folder, errors));
  }
}
