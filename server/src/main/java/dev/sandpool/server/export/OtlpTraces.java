package dev.sandpool.server.export;

import com.google.protobuf.ByteString;
import dev.sandpool.server.trace.Span.Phase;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceRequest;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.common.v1.KeyValue;
import io.opentelemetry.proto.resource.v1.Resource;
import io.opentelemetry.proto.trace.v1.ResourceSpans;
import io.opentelemetry.proto.trace.v1.ScopeSpans;
import io.opentelemetry.proto.trace.v1.Span;
import io.opentelemetry.proto.trace.v1.Span.SpanKind;
import io.opentelemetry.proto.trace.v1.Status;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HexFormat;
import java.util.List;

/** Requests as OTLP's spans: one of the server, and in it one for each of its phases. */
final class OtlpTraces {
  private final Resource resource;

  /**
   * @param resource who served the requests
   */
  OtlpTraces(Resource resource) {
    this.resource = resource;
  }

  byte[] write(List<dev.sandpool.server.trace.Span> requests) {
    var scope =
        ScopeSpans.newBuilder()
            .setScope(InstrumentationScope.newBuilder().setName("sandpool.requests"));
    requests.forEach(it -> add(scope, it));
    return ExportTraceServiceRequest.newBuilder()
        .addResourceSpans(ResourceSpans.newBuilder().setResource(resource).addScopeSpans(scope))
        .build()
        .toByteArray();
  }

  private static void add(ScopeSpans.Builder scope, dev.sandpool.server.trace.Span request) {
    ByteString trace = bytes(request.trace());
    var span =
        Span.newBuilder()
            .setTraceId(trace)
            .setSpanId(bytes(request.id()))
            .setName(request.name())
            .setKind(SpanKind.SPAN_KIND_SERVER)
            .setStartTimeUnixNano(nanos(request.begin()))
            .setEndTimeUnixNano(nanos(request.end()));
    request.parent().ifPresent(it -> span.setParentSpanId(bytes(it)));
    request.attributes().forEach((name, text) -> span.addAttributes(attribute(name, text)));
    if (request.failed()) {
      span.setStatus(Status.newBuilder().setCode(Status.StatusCode.STATUS_CODE_ERROR));
    }
    scope.addSpans(span);
    for (int i = 0; i < request.phases().size(); i++) {
      Phase phase = request.phases().get(i);
      scope.addSpans(
          Span.newBuilder()
              .setTraceId(trace)
              .setSpanId(child(request.id(), i + 1))
              .setParentSpanId(bytes(request.id()))
              .setName(phase.name())
              .setKind(SpanKind.SPAN_KIND_INTERNAL)
              .setStartTimeUnixNano(nanos(phase.begin()))
              .setEndTimeUnixNano(nanos(phase.end())));
    }
  }

  private static KeyValue attribute(String name, String text) {
    return name.equals("http.response.status_code")
        ? Attributes.number(name, Long.parseLong(text))
        : Attributes.text(name, text);
  }

  /** The id of a request is random, and so are those beside it. */
  private static ByteString child(String id, int index) {
    byte[] bytes = HexFormat.of().parseHex(id);
    bytes[0] ^= (byte) index;
    return ByteString.copyFrom(bytes);
  }

  private static ByteString bytes(String digits) {
    return ByteString.copyFrom(HexFormat.of().parseHex(digits));
  }

  private static long nanos(Instant at) {
    return ChronoUnit.NANOS.between(Instant.EPOCH, at);
  }
}
