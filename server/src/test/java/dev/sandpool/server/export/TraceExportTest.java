package dev.sandpool.server.export;

import static dev.sandpool.server.export.LogsFixture.PATIENCE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.export.FakeReceiver.Reply;
import dev.sandpool.server.metrics.Metrics;
import dev.sandpool.server.time.Time;
import dev.sandpool.server.trace.Span;
import dev.sandpool.server.trace.SpanQueue;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status.StatusCode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Spans reach their receiver over restarts of either side, and never fill memory or disk. */
class TraceExportTest {
  private static final Instant BEGIN = Instant.ofEpochSecond(1_700_000_000L, 5);

  @TempDir private Path folder;
  private final SpanQueue queue = new SpanQueue(100);
  private final Metrics metrics = new Metrics();

  private static Span span(int number) {
    return new Span(
        "0af7651916cd43dd8448eb211c80319c",
        "%016x".formatted(number + 1),
        Optional.of("b7ad6b7169203331"),
        "GET my-pool",
        BEGIN,
        BEGIN.plusMillis(30),
        number == 7,
        Map.of("http.response.status_code", "200", "url.path", "/number/" + number),
        List.of(new Span.Phase("queue", BEGIN, BEGIN.plusMillis(10))));
  }

  private TraceExporter exporter(FakeReceiver to, long mostBytes) throws IOException {
    return new TraceExporter(
        new TraceExporter.Parts(
            queue,
            Spool.open(folder, mostBytes),
            new OtlpTraces(Resource.getDefaultInstance()),
            Receiver.open(to.settings(), Otlp.TRACES.path(), Otlp.TRACES, PATIENCE),
            new Pauses(Duration.ofMillis(20), Duration.ofMillis(200), new Random(1)),
            metrics.exporter("otlp-traces"),
            Time.system()));
  }

  private static List<io.opentelemetry.proto.trace.v1.Span> got(FakeReceiver receiver) {
    List<io.opentelemetry.proto.trace.v1.Span> spans = new ArrayList<>();
    for (FakeReceiver.Request it : receiver.taken()) {
      try {
        var request = ExportTraceServiceRequest.parseFrom(it.body());
        spans.addAll(request.getResourceSpans(0).getScopeSpans(0).getSpansList());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return spans;
  }

  @Test
  void aSpanTellsWhoseChildItIsAndWhatItsTimeWentFor() throws Exception {
    try (var receiver = new FakeReceiver();
        TraceExporter exporter = exporter(receiver, 1 << 20)) {
      assertThat(exporter).isNotNull();
      queue.offer(() -> span(7));
      await().atMost(PATIENCE).until(() -> got(receiver).size() == 2);
      assertThat(receiver.taken().getFirst().path()).isEqualTo("/v1/traces");
      var request = got(receiver).getFirst();
      assertThat(HexFormat.of().formatHex(request.getTraceId().toByteArray()))
          .isEqualTo("0af7651916cd43dd8448eb211c80319c");
      assertThat(HexFormat.of().formatHex(request.getParentSpanId().toByteArray()))
          .isEqualTo("b7ad6b7169203331");
      assertThat(request.getKind()).isEqualTo(SpanKind.SPAN_KIND_SERVER);
      assertThat(request.getStatus().getCode()).isEqualTo(StatusCode.STATUS_CODE_ERROR);
      assertThat(request.getStartTimeUnixNano()).isEqualTo(1_700_000_000_000_000_005L);
      var phase = got(receiver).get(1);
      assertThat(phase.getName()).isEqualTo("queue");
      assertThat(phase.getParentSpanId()).isEqualTo(request.getSpanId());
      assertThat(phase.getSpanId()).isNotEqualTo(request.getSpanId());
      assertThat(phase.getEndTimeUnixNano() - phase.getStartTimeUnixNano()).isEqualTo(10_000_000L);
    }
  }

  @Test
  void spansWaitOnTheDiskForAReceiverAlsoOverARestartOfOurs() throws Exception {
    try (var receiver = new FakeReceiver()) {
      receiver.answers(_ -> Reply.of(503));
      try (TraceExporter first = exporter(receiver, 1 << 20)) {
        assertThat(first).isNotNull();
        for (int i = 0; i < 5; i++) {
          int number = i;
          queue.offer(() -> span(number));
        }
        await().atMost(PATIENCE).until(() -> receiver.seen().size() >= 2);
        queue.offer(() -> span(5));
      }
      receiver.answers(_ -> Reply.OK);
      Files.writeString(folder.resolve("fresh.tmp"), "half");
      try (TraceExporter second = exporter(receiver, 1 << 20)) {
        assertThat(second).isNotNull();
        await().atMost(PATIENCE).until(() -> got(receiver).size() == 12);
      }
      assertThat(folder).isEmptyDirectory();
    }
  }

  @Test
  void whatHasNoRoomIsDroppedOldestFirstAndCounted() throws Exception {
    Spool spool = Spool.open(folder, 250);
    assertThat(spool.add(new byte[100], 3, 10)).isZero();
    assertThat(spool.add(new byte[100], 4, 10)).isZero();
    assertThat(spool.add(new byte[100], 5, 9)).isEqualTo(3);
    assertThat(spool.bytes()).isEqualTo(200);
    Spool again = Spool.open(folder, 250);
    assertThat(again.oldest().orElseThrow().items()).isEqualTo(4);
    again.remove(again.oldest().orElseThrow());
    assertThat(again.oldest().orElseThrow().items()).isEqualTo(5);
  }

  @Test
  void theQueueIsBoundedAndSaysWhatDidNotFit() {
    for (int i = 0; i < 130; i++) {
      int number = i;
      queue.offer(() -> span(number));
    }
    assertThat(queue.take(60)).hasSize(60);
    assertThat(queue.take(60)).hasSize(40);
    assertThat(queue.takeDropped()).isEqualTo(30);
    assertThat(queue.takeDropped()).isZero();
  }
}
