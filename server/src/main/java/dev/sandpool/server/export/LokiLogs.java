package dev.sandpool.server.export;

import dev.sandpool.model.Json;
import dev.sandpool.model.ResourceId;
import dev.sandpool.server.logs.LogBlock;
import dev.sandpool.server.logs.LogOrigin;
import dev.sandpool.server.logs.LogPlace;
import dev.sandpool.server.logs.LogRow;
import dev.sandpool.server.logs.LogTap;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Rows as Loki's push takes them in JSON. A stream is a table of a pool, and of standard output and
 * error each its own: as many as there are pools, and never one a sandbox, which is metadata of the
 * entry. What is sent twice has the same time and text, and Loki keeps one of them.
 */
final class LokiLogs implements LogFormat {
  private record Entry(long nanos, String line, Map<String, String> metadata) {}

  @Override
  public byte[] write(LogBatch batch) {
    Map<Map<String, String>, List<Entry>> streams = new LinkedHashMap<>();
    for (LogTap.Stored stored : batch.blocks()) {
      add(streams, stored);
    }
    List<Map<String, Object>> written = new ArrayList<>();
    streams.forEach(
        (labels, entries) -> {
          entries.sort(Comparator.comparingLong(Entry::nanos));
          List<List<Object>> values = new ArrayList<>(entries.size());
          for (Entry it : entries) {
            values.add(List.of(Long.toString(it.nanos), it.line, it.metadata));
          }
          written.add(Map.of("stream", labels, "values", values));
        });
    return Json.MAPPER.writeValueAsBytes(Map.of("streams", written));
  }

  private static void add(Map<Map<String, String>, List<Entry>> streams, LogTap.Stored stored) {
    LogBlock block = stored.block();
    long[] nanos = LogNanos.of(block);
    Map<String, Map<String, String>> labels = new LinkedHashMap<>();
    for (int i = 0; i < nanos.length; i++) {
      LogRow row = block.rows().get(i);
      streams
          .computeIfAbsent(
              labels.computeIfAbsent(
                  row.operation().stream(), stream -> labels(stored.place(), stored, stream)),
              _ -> new ArrayList<>())
          .add(new Entry(nanos[i], row.string(), metadata(block.origin(), row)));
    }
  }

  private static Map<String, String> labels(LogPlace place, LogTap.Stored stored, String stream) {
    Map<String, String> labels = new LinkedHashMap<>();
    labels.put("service_name", place.poolName());
    labels.put("pool", place.poolName());
    put(labels, "subscription", place.subscription());
    put(
        labels,
        "resource_group",
        ResourceId.parse(place.poolResourceId()).map(ResourceId::group).orElse(""));
    labels.put("table", stored.table().label());
    put(labels, "stream", stream);
    return labels;
  }

  private static Map<String, String> metadata(LogOrigin origin, LogRow row) {
    Map<String, String> metadata = new LinkedHashMap<>();
    put(metadata, "sandbox", origin.pod());
    put(metadata, "revision", origin.revision());
    put(metadata, "session_hash", origin.session());
    metadata.put("operation", row.operation().title());
    metadata.put("level", row.operation().level().toLowerCase(Locale.ROOT));
    return metadata;
  }

  private static void put(Map<String, String> to, String name, String value) {
    if (!value.isEmpty()) {
      to.put(name, value);
    }
  }
}
