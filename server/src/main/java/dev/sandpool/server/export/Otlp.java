package dev.sandpool.server.export;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.sandpool.server.export.Answer.Later;
import dev.sandpool.server.export.Answer.Refused;
import dev.sandpool.server.export.Answer.Taken;
import dev.sandpool.server.export.Answer.TooLarge;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsPartialSuccess;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceResponse;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsPartialSuccess;
import io.opentelemetry.proto.collector.metrics.v1.ExportMetricsServiceResponse;
import io.opentelemetry.proto.collector.trace.v1.ExportTracePartialSuccess;
import io.opentelemetry.proto.collector.trace.v1.ExportTraceServiceResponse;
import java.net.http.HttpHeaders;
import java.util.Optional;
import java.util.Set;

/**
 * OTLP over HTTP with protobuf: the answers as the specification of OTLP 1.x gives them. Only four
 * statuses mean that the same may be sent again.
 */
enum Otlp implements Protocol {
  LOGS("/v1/logs") {
    @Override
    Taken taken(byte[] body) throws InvalidProtocolBufferException {
      ExportLogsPartialSuccess partial =
          ExportLogsServiceResponse.parseFrom(body).getPartialSuccess();
      return new Taken(partial.getRejectedLogRecords(), partial.getErrorMessage());
    }
  },
  METRICS("/v1/metrics") {
    @Override
    Taken taken(byte[] body) throws InvalidProtocolBufferException {
      ExportMetricsPartialSuccess partial =
          ExportMetricsServiceResponse.parseFrom(body).getPartialSuccess();
      return new Taken(partial.getRejectedDataPoints(), partial.getErrorMessage());
    }
  },
  TRACES("/v1/traces") {
    @Override
    Taken taken(byte[] body) throws InvalidProtocolBufferException {
      ExportTracePartialSuccess partial =
          ExportTraceServiceResponse.parseFrom(body).getPartialSuccess();
      return new Taken(partial.getRejectedSpans(), partial.getErrorMessage());
    }
  };

  private static final Set<Integer> RETRYABLE = Set.of(429, 502, 503, 504);

  private final String path;

  Otlp(String path) {
    this.path = path;
  }

  /** What follows the endpoint. */
  String path() {
    return path;
  }

  @Override
  public String mediaType() {
    return "application/x-protobuf";
  }

  @Override
  public Answer read(int status, HttpHeaders headers, byte[] body) {
    if (status / 100 == 2) {
      try {
        return taken(body);
      } catch (InvalidProtocolBufferException e) {
        // The status alone says that it was taken.
        return new Taken(0, "");
      }
    }
    if (RETRYABLE.contains(status)) {
      return new Later(Protocol.retryAfter(headers), "status " + status);
    }
    if (Protocol.isMisdirected(status)) {
      return new Later(Optional.empty(), "status " + status);
    }
    return status == 413 ? new TooLarge("status 413") : new Refused("status " + status);
  }

  abstract Taken taken(byte[] body) throws InvalidProtocolBufferException;
}
