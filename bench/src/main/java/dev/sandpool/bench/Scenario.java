package dev.sandpool.bench;

import java.util.List;

/** One thing that is measured. */
interface Scenario {
  /** For {@code --only}: one word. */
  String name();

  /** The heading of its figures. */
  String title();

  /** What is done and what it is compared with, in sentences; Markdown without headings. */
  String method();

  /** Whether it measures the running server, so that those that do can share one. */
  boolean onServer();

  /**
   * Measures.
   *
   * @throws Exception whatever goes wrong; the other scenarios go on
   */
  List<Figure> run(Bench bench) throws Exception;
}
