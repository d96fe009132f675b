package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.server.time.Time;
import dev.sandpool.server.trace.Span;
import dev.sandpool.server.trace.SpanQueue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A request's span fits between its caller's and the sandbox's, and holds nothing secret. */
class RequestSpansTest {
  private static final String TRACE = "0af7651916cd43dd8448eb211c80319c";

  private final SpanQueue queue = new SpanQueue(100);

  private RequestSpans spans(double share) {
    return new RequestSpans(queue, share, Time.system());
  }

  private List<Span> awaitSpans(int count) {
    List<Span> spans = new ArrayList<>();
    await()
        .until(
            () -> {
              spans.addAll(queue.take(100));
              return spans.size() == count;
            });
    return spans;
  }

  private static void get(GatewayBed bed, String target, String headers) throws Exception {
    bed.call().send(GatewayBed.request("GET", target, headers)).receive();
  }

  @Test
  void aKeptTraceIsContinuedAndOneThatIsNotKeptIsLeftAlone() throws Exception {
    try (GatewayBed bed = new GatewayBed(spans(1))) {
      StubSandbox sandbox = bed.sandbox("ok");
      String parent = "traceparent: 00-" + TRACE + "-b7ad6b7169203331-";
      get(bed, "/left?identifier=abcd", parent + "00\r\n");
      get(bed, "/a/b?identifier=abcd&x=secret", parent + "01\r\n");

      Span span = awaitSpans(1).getFirst();
      assertThat(span.trace()).isEqualTo(TRACE);
      assertThat(span.parent()).isEqualTo(Optional.of("b7ad6b7169203331"));
      assertThat(span.id()).matches("[0-9a-f]{16}").isNotEqualTo("b7ad6b7169203331");
      assertThat(span.name()).isEqualTo("GET MyPool");
      assertThat(span.failed()).isFalse();
      assertThat(span.attributes())
          .containsEntry("url.path", "/a/b")
          .containsEntry("http.response.status_code", "200")
          .containsEntry("network.protocol.version", "1.1");
      assertThat(span.toString()).doesNotContain("secret").doesNotContain("abcd");
      assertThat(span.phases())
          .extracting(Span.Phase::name)
          .contains("token", "queue", "connect", "first byte", "answer");
      assertThat(span.phases())
          .allSatisfy(
              it -> {
                assertThat(it.begin()).isBetween(span.begin(), span.end());
                assertThat(it.end()).isBetween(it.begin(), span.end());
              });
      assertThat(sandbox.requests).hasSize(2);
    }
  }

  @Test
  void aTraceThatBeginsHereIsTheOneThatTheSandboxIsTold() throws Exception {
    try (GatewayBed bed = new GatewayBed(spans(1))) {
      StubSandbox sandbox = bed.sandbox("ok");
      get(bed, "/?identifier=abcd", "");
      Span span = awaitSpans(1).getFirst();
      assertThat(sandbox.requests.remove().header("traceparent"))
          .containsExactly("00-" + span.trace() + "-" + span.id() + "-00");
      assertThat(span.parent()).isEmpty();
    }
  }

  @Test
  void withoutAShareNoTraceBeginsHere() throws Exception {
    try (GatewayBed bed = new GatewayBed(spans(0))) {
      bed.sandbox("ok");
      get(bed, "/?identifier=abcd", "");
      get(bed, "/?identifier=abcd", "traceparent: 00-" + TRACE + "-b7ad6b7169203331-01\r\n");
      assertThat(awaitSpans(1).getFirst().trace()).isEqualTo(TRACE);
    }
  }

  @Test
  void whatIsRefusedHasASpanWithItsReason() throws Exception {
    try (GatewayBed bed = new GatewayBed(spans(1))) {
      get(bed, "/?identifier=no", "");
      Span span = awaitSpans(1).getFirst();
      assertThat(span.attributes())
          .containsEntry("error.type", "InvalidLengthOfSessionIdentifier")
          .containsEntry("sandpool.outcome", "refused");
    }
  }
}
