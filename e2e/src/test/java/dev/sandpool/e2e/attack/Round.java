package dev.sandpool.e2e.attack;

import dev.sandpool.server.time.Patience;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;

/** Every probe, once, by one sandbox. */
final class Round {
  /** Of one attempt, which is broken if it has come to no end by then. */
  private static final Duration PATIENCE = Patience.of(Duration.ofSeconds(20));

  private final Receivers receivers;
  private final Path marker;

  /**
   * Rounds with those receivers.
   *
   * @param marker a file of the host that no sandbox may read
   */
  Round(Receivers receivers, Path marker) {
    this.receivers = receivers;
    this.marker = marker;
  }

  /**
   * Name of each probe, in order, to what became of it.
   *
   * @param kernel whether those that do not go over the network are to be made too
   */
  Map<String, Finding> run(Victims.Attack attack, boolean kernel)
      throws IOException, InterruptedException {
    receivers.begin(attack.places());
    Map<String, Object> targets =
        attack.places().entrySet().stream()
            .collect(
                Collectors.toMap(
                    place -> place.getKey().word(),
                    place -> Map.of("v4", place.getValue().v4(), "v6", place.getValue().v6())));
    JsonNode rows =
        attack
            .attacker()
            .order(
                "attack",
                Map.of(
                    "targets",
                    targets,
                    "kernel",
                    kernel,
                    "marker",
                    marker.toString(),
                    "patience",
                    PATIENCE.toSeconds()));
    receivers.end();
    Map<String, String> arrived = receivers.arrived();
    Map<String, String> sent = receivers.sent();
    Map<String, Finding> findings = new LinkedHashMap<>();
    for (JsonNode row : rows) {
      String probe = row.path("probe").asString();
      if (row.path("broken").asBoolean(false)) {
        throw new IllegalStateException("the probe " + probe + " is broken: " + row);
      }
      findings.put(probe, finding(row, arrived.get(probe), sent.containsKey(probe)));
    }
    return findings;
  }

  private static Finding finding(
      JsonNode row, @org.jspecify.annotations.Nullable String arrivedAt, boolean sent) {
    String said = row.path("said").asString();
    if (arrivedAt != null) {
      return new Finding(true, "arrived at " + arrivedAt.replaceAll("^(sp|w).*", "a sandbox"));
    }
    return new Finding(
        row.path("reached").asBoolean(), sent && !said.equals("answered") ? "dropped" : said);
  }
}
