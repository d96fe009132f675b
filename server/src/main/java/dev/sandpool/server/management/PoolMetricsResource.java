package dev.sandpool.server.management;

import dev.sandpool.model.ResourceId;
import dev.sandpool.server.management.MetricsQuestion.Aggregation;
import dev.sandpool.server.metrics.History;
import dev.sandpool.server.metrics.Metrics;
import dev.sandpool.server.metrics.PoolMeters;
import dev.sandpool.server.time.Time;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * {@code {pool}/providers/Microsoft.Insights/...}: the platform's three metrics of a pool, from the
 * minutes that are kept in memory.
 */
final class PoolMetricsResource {
  private static final String TYPE = "Microsoft.Insights/metrics";

  private final PoolStore pools;
  private final Metrics metrics;
  private final Time time;

  PoolMetricsResource(PoolStore pools, Metrics metrics, Time time) {
    this.pools = pools;
    this.metrics = metrics;
    this.time = time;
  }

  Answer metrics(Call call) {
    PoolStore.Stored stored = stored(call);
    MetricsQuestion question = MetricsQuestion.of(call, time.now());
    ObjectNode body = Fields.empty();
    body.put("cost", 0);
    body.put("timespan", question.from() + "/" + question.to());
    body.put("interval", question.intervalName());
    body.put("namespace", PlatformMetric.NAMESPACE);
    body.put("resourceregion", stored.location());
    Optional<PoolMeters> meters = metrics.find(stored.pool().id());
    ArrayNode value = body.putArray("value");
    for (PlatformMetric metric : question.metrics()) {
      ObjectNode shown = value.addObject();
      shown.put("id", id(call) + "/providers/" + TYPE + "/" + metric.wireName());
      shown.put("type", TYPE);
      name(shown, metric);
      shown.put("displayDescription", metric.display());
      shown.put("unit", "Count");
      shown.put("errorCode", "Success");
      ObjectNode series = shown.putArray("timeseries").addObject();
      ObjectNode dimension = series.putArray("metadatavalues").addObject();
      // In lower case, as the platform answers.
      localized(dimension, "name", "poolname", "poolname");
      dimension.put("value", stored.pool().name());
      ArrayNode data = series.putArray("data");
      for (Bin bin : bins(question, metric, meters)) {
        bin.show(data.addObject(), question);
      }
    }
    return Answer.of(200, body);
  }

  Answer definitions(Call call) {
    stored(call);
    ObjectNode body = Fields.empty();
    ArrayNode value = body.putArray("value");
    for (PlatformMetric metric : PlatformMetric.values()) {
      ObjectNode shown = value.addObject();
      shown.put(
          "id", id(call) + "/providers/Microsoft.Insights/metricdefinitions/" + metric.wireName());
      shown.put("resourceId", id(call));
      shown.put("namespace", PlatformMetric.NAMESPACE);
      shown.put("category", PlatformMetric.CATEGORY);
      name(shown, metric);
      shown.put("displayDescription", metric.display());
      shown.put("isDimensionRequired", false);
      shown.put("unit", "Count");
      shown.put("primaryAggregationType", "Average");
      ArrayNode supported = shown.putArray("supportedAggregationTypes");
      List.of("Average", "Total", "Minimum", "Maximum", "Count").forEach(supported::add);
      ObjectNode availability = shown.putArray("metricAvailabilities").addObject();
      availability.put("timeGrain", "PT1M");
      availability.put("retention", metrics.history().toString());
      localized(
          shown.putArray("dimensions").addObject(), null, PlatformMetric.DIMENSION, "Pool name");
    }
    return Answer.of(200, body);
  }

  Answer namespaces(Call call) {
    stored(call);
    ObjectNode body = Fields.empty();
    ObjectNode shown = body.putArray("value").addObject();
    shown.put("id", id(call) + "/providers/microsoft.insights/metricNamespaces/sessionpools");
    shown.put("type", "Microsoft.Insights/metricNamespaces");
    shown.put("name", "sessionpools");
    shown.put("classification", "Platform");
    shown.putObject("properties").put("metricNamespaceName", PlatformMetric.NAMESPACE);
    return Answer.of(200, body);
  }

  private PoolStore.Stored stored(Call call) {
    ResourceId id = call.resource(ResourceId.SESSION_POOLS);
    return pools.find(id).orElseThrow(() -> NotFound.of(id));
  }

  private static String id(Call call) {
    return call.resource(ResourceId.SESSION_POOLS).toString();
  }

  private static void name(ObjectNode shown, PlatformMetric metric) {
    localized(shown, "name", metric.wireName(), metric.display());
  }

  private static void localized(
      ObjectNode parent, @Nullable String property, String value, String text) {
    ObjectNode node = property == null ? parent : parent.putObject(property);
    node.put("value", value);
    node.put("localizedValue", text);
  }

  // --- values ----------------------------------------------------------------------------------

  private static List<Bin> bins(
      MetricsQuestion question, PlatformMetric metric, Optional<PoolMeters> meters) {
    long minutes = question.bin().toMinutes();
    long first = Math.floorDiv(question.from().getEpochSecond(), 60);
    long end = Math.floorDiv(question.to().getEpochSecond() + 59, 60);
    List<Bin> bins = new ArrayList<>();
    for (long at = Math.floorDiv(first, minutes) * minutes; at < end; at += minutes) {
      var bin = new Bin(at);
      for (long minute = Math.max(at, first); minute < Math.min(at + minutes, end); minute++) {
        long one = minute;
        meters.flatMap(m -> m.history().minute(metric.series(), one)).ifPresent(bin::add);
      }
      bins.add(bin);
    }
    return bins;
  }

  /** What the samples of some minutes come to. */
  private static final class Bin {
    private final long epochMinute;
    private long total;
    private int count;
    private int minimum = Integer.MAX_VALUE;
    private int maximum;

    Bin(long epochMinute) {
      this.epochMinute = epochMinute;
    }

    void add(History.Minute minute) {
      total += minute.total();
      count += minute.count();
      minimum = Math.min(minimum, minute.minimum());
      maximum = Math.max(maximum, minute.maximum());
    }

    /** A bin without samples has a time and nothing else, as on the platform. */
    void show(ObjectNode shown, MetricsQuestion question) {
      shown.put("timeStamp", Instant.ofEpochSecond(epochMinute * 60).toString());
      if (count == 0) {
        return;
      }
      for (Aggregation aggregation : question.aggregations()) {
        switch (aggregation) {
          case AVERAGE -> shown.put("average", (double) total / count);
          case TOTAL -> shown.put("total", (double) total);
          case MINIMUM -> shown.put("minimum", (double) minimum);
          case MAXIMUM -> shown.put("maximum", (double) maximum);
          case COUNT -> shown.put("count", (double) count);
        }
      }
    }
  }
}
