package dev.sandpool.bench;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.metrics.Metrics;
import dev.sandpool.server.metrics.PoolMeters;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import jdk.jfr.Recording;
import jdk.jfr.consumer.RecordedEvent;
import jdk.jfr.consumer.RecordedStackTrace;
import jdk.jfr.consumer.RecordingFile;

/** What measuring costs: a reading of 1,000 pools, and what is counted on the way of a request. */
final class ScrapeTime implements Scenario {
  private static final int POOLS = 1_000;
  private static final int THREADS = 2;
  private static final int REQUESTS = 500_000;
  private static final Set<String> WAITS =
      Set.of(
          "jdk.JavaMonitorEnter",
          "jdk.JavaMonitorWait",
          "jdk.ThreadPark",
          "jdk.ThreadSleep",
          "jdk.FileRead",
          "jdk.FileWrite",
          "jdk.SocketRead",
          "jdk.SocketWrite");

  @Override
  public String name() {
    return "metrics";
  }

  @Override
  public String title() {
    return "Metrics";
  }

  @Override
  public String method() {
    return """
    All meters of 1,000 pools, each with requests, allocations and starts, read and written as text for Prometheus: \
    the median of 20 after 20 that are not counted. Then two threads count half a million requests each as the gateway \
    does, while others read; Java Flight Recorder notes every lock, park, file and socket operation (threshold 0) with \
    a frame of the meters, and the JVM what the threads have allocated.\
    """;
  }

  @Override
  public boolean onServer() {
    return false;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    var metrics = new Metrics();
    metrics.measureProcess();
    var random = new Random(7);
    List<PoolMeters> pools = new ArrayList<>();
    for (int i = 0; i < POOLS; i++) {
      var name =
          new ResourceId(subscription(i), "group-" + i % 20, ResourceId.SESSION_POOLS, "pool-" + i);
      PoolMeters meters = metrics.pool(PoolId.random(random), name);
      for (int n = 0; n < 100; n++) {
        request(meters, random.nextInt(200_000_000));
        meters.allocated(random.nextInt(2_000_000_000), n % 9 == 0);
        meters.refilled(random.nextInt(2_000_000_000));
      }
      pools.add(meters);
    }
    var size = new Counted();
    var threads = ManagementFactory.getThreadMXBean();
    List<Double> millis = new ArrayList<>();
    List<Double> processor = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      size.bytes = 0;
      long begin = System.nanoTime();
      long used = threads.getCurrentThreadCpuTime();
      metrics.write(size, metrics.writer(null));
      if (i >= 20) {
        millis.add((System.nanoTime() - begin) / 1e6);
        processor.add((threads.getCurrentThreadCpuTime() - used) / 1e6);
      }
    }
    Samples samples = Samples.of(millis);
    List<Figure> figures = new ArrayList<>();
    figures.add(Figure.atMost("/metrics with 1,000 pools, median", samples.median(), 100, " ms"));
    figures.add(Figure.plain("range", samples.withRange() + " ms"));
    figures.add(
        Figure.plain("its processor time, median", Samples.of(processor).withRange() + " ms"));
    figures.add(Figure.plain("its size", Figure.number(size.bytes / 1e6) + " MB"));
    figures.addAll(cost(metrics, pools));
    return figures;
  }

  private static String subscription(int pool) {
    return "00000000-0000-0000-0000-%012d".formatted(pool % 5);
  }

  private static void request(PoolMeters meters, long nanos) {
    meters.begun();
    meters.bytesIn(512);
    meters.bytesOut(1024);
    meters.answered(200, nanos);
    meters.ended();
  }

  private static List<Figure> cost(Metrics metrics, List<PoolMeters> pools) throws Exception {
    Path file = Files.createTempFile("sandpool-metrics", ".jfr");
    long[] allocated = new long[THREADS];
    long[] nanos = new long[THREADS];
    try (var recording = new Recording()) {
      WAITS.forEach(event -> recording.enable(event).withoutThreshold().withStackTrace());
      recording.start();
      List<Thread> threads = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        int own = t;
        threads.add(
            Thread.ofPlatform()
                .name("counting-" + own)
                .start(() -> count(pools, own, allocated, nanos)));
      }
      for (Thread thread : threads) {
        while (thread.isAlive()) {
          metrics.write(OutputStream.nullOutputStream(), metrics.writer(null));
        }
        thread.join();
      }
      recording.stop();
      recording.dump(file);
    }
    long waits = waits(file);
    Files.delete(file);
    long bytes = 0;
    long time = 0;
    for (int t = 0; t < THREADS; t++) {
      bytes += allocated[t];
      time += nanos[t];
    }
    long requests = (long) THREADS * REQUESTS;
    return List.of(
        Figure.atMost("locks, parks and I/O of counting a million requests", (double) waits, 0, ""),
        Figure.atMost(
            "memory allocated to count a request", (double) bytes / (double) requests, 1, " bytes"),
        Figure.plain(
            "time to count a request", Figure.number((double) time / (double) requests) + " ns"));
  }

  private static void count(List<PoolMeters> pools, int own, long[] allocated, long[] nanos) {
    var threads = (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    long begin = System.nanoTime();
    for (int i = 0; i < REQUESTS; i++) {
      request(pools.get(i % 8), i);
    }
    nanos[own] = System.nanoTime() - begin;
    allocated[own] = threads.getCurrentThreadAllocatedBytes() - before;
  }

  private static long waits(Path file) throws IOException {
    return RecordingFile.readAllEvents(file).stream()
        .filter(event -> WAITS.contains(event.getEventType().getName()))
        .filter(ScrapeTime::ofCounting)
        .count();
  }

  private static boolean ofCounting(RecordedEvent event) {
    RecordedStackTrace stack = event.getStackTrace();
    return stack != null
        && stack.getFrames().stream()
            .anyMatch(
                frame ->
                    frame.getMethod().getType().getName().equals(ScrapeTime.class.getName())
                        && frame.getMethod().getName().equals("count"));
  }

  /** Takes what is written, and how much it is. */
  private static final class Counted extends OutputStream {
    private long bytes;

    @Override
    public void write(int one) {
      bytes++;
    }

    @Override
    public void write(byte[] part, int from, int length) {
      bytes += length;
    }
  }
}
