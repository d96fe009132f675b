package dev.sandpool.server.export;

import dev.sandpool.model.ResourceId;
import dev.sandpool.server.logs.LogBlock;
import dev.sandpool.server.logs.LogPlace;
import dev.sandpool.server.logs.LogRow;
import dev.sandpool.server.logs.LogTable;
import dev.sandpool.server.logs.LogTap;
import io.opentelemetry.proto.collector.logs.v1.ExportLogsServiceRequest;
import io.opentelemetry.proto.common.v1.AnyValue;
import io.opentelemetry.proto.common.v1.InstrumentationScope;
import io.opentelemetry.proto.logs.v1.LogRecord;
import io.opentelemetry.proto.logs.v1.ResourceLogs;
import io.opentelemetry.proto.logs.v1.ScopeLogs;
import io.opentelemetry.proto.logs.v1.SeverityNumber;
import io.opentelemetry.proto.resource.v1.Resource;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Rows as OTLP's log records: a resource a pool, a scope a table. Each record has a name of its own
 * ({@code log.record.uid}), by which a receiver can tell one that came twice.
 */
final class OtlpLogs implements LogFormat {
  private final String node;

  /**
   * @param node the name of this host
   */
  OtlpLogs(String node) {
    this.node = node;
  }

  private record Group(LogPlace place, LogTable table) {}

  @Override
  public byte[] write(LogBatch batch) {
    Map<Group, ScopeLogs.Builder> scopes = new LinkedHashMap<>();
    for (LogTap.Stored stored : batch.blocks()) {
      ScopeLogs.Builder scope =
          scopes.computeIfAbsent(
              new Group(stored.place(), stored.table()),
              group -> ScopeLogs.newBuilder().setScope(scope(group.table)));
      add(scope, stored);
    }
    Map<LogPlace, ResourceLogs.Builder> resources = new LinkedHashMap<>();
    scopes.forEach(
        (group, scope) ->
            resources
                .computeIfAbsent(
                    group.place, place -> ResourceLogs.newBuilder().setResource(resource(place)))
                .addScopeLogs(scope));
    var request = ExportLogsServiceRequest.newBuilder();
    resources.values().forEach(request::addResourceLogs);
    return request.build().toByteArray();
  }

  private static InstrumentationScope scope(LogTable table) {
    return InstrumentationScope.newBuilder().setName("sandpool.logs." + table.label()).build();
  }

  private Resource resource(LogPlace place) {
    String group = ResourceId.parse(place.poolResourceId()).map(ResourceId::group).orElse("");
    return Resource.newBuilder()
        .addAllAttributes(
            Attributes.of(
                "service.name",
                place.poolName(),
                "service.namespace",
                group,
                "host.name",
                node,
                "cloud.region",
                place.location(),
                "cloud.account.id",
                place.subscription(),
                "cloud.resource_id",
                place.poolResourceId(),
                "sandpool.environment.id",
                place.environmentId(),
                "sandpool.workspace.id",
                place.workspace()))
        .build();
  }

  private static void add(ScopeLogs.Builder scope, LogTap.Stored stored) {
    LogBlock block = stored.block();
    long[] nanos = LogNanos.of(block);
    for (int i = 0; i < nanos.length; i++) {
      LogRow row = block.rows().get(i);
      var record =
          LogRecord.newBuilder()
              .setTimeUnixNano(nanos[i])
              .setObservedTimeUnixNano(nanos[i])
              .setSeverityNumber(severity(row))
              .setSeverityText(row.operation().level())
              .setBody(AnyValue.newBuilder().setStringValue(row.string()))
              .addAllAttributes(
                  Attributes.of(
                      "log.record.uid",
                      uid(stored, i),
                      "log.iostream",
                      row.operation().stream(),
                      "sandpool.sandbox",
                      block.origin().pod(),
                      "sandpool.revision",
                      block.origin().revision(),
                      "sandpool.session.hash",
                      block.origin().session()));
      if (stored.table() != LogTable.CONSOLE) {
        record.setEventName("sandpool." + row.operation().title());
      }
      scope.addLogRecords(record);
    }
  }

  private static String uid(LogTap.Stored stored, int index) {
    return "%s.%s.%x.%x.%x"
        .formatted(
            stored.place().pool(),
            stored.table().label(),
            stored.at().segment(),
            stored.at().offset(),
            index);
  }

  private static SeverityNumber severity(LogRow row) {
    return switch (row.operation().level()) {
      case "Error" -> SeverityNumber.SEVERITY_NUMBER_ERROR;
      case "Warning" -> SeverityNumber.SEVERITY_NUMBER_WARN;
      default -> SeverityNumber.SEVERITY_NUMBER_INFO;
    };
  }
}
