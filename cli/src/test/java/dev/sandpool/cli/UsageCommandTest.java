package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class UsageCommandTest extends CliTestBase {
  private static final String USAGE = "/providers/Sandpool.Server/usage";
  private static final String ROW =
      "\"readySeconds\":60.000,\"allocatedSeconds\":30.500,\"vcpuSeconds\":45.250,"
          + "\"gibSeconds\":45.250,\"cpuSecondsUsed\":1.200,\"gibSecondsUsed\":2.000,"
          + "\"sessions\":1,\"sessionHours\":1,\"requests\":9,\"bytesIn\":10,\"bytesOut\":20";

  @Test
  void aTableTellsWhoUsedHowMuchAndWhatItCosts() {
    server.on(
        "GET " + USAGE,
        200,
        "{\"currency\":\"EUR\",\"value\":[{\"subscription\":\"sub-1\",\"resourceGroup\":\"g\","
            + ("\"pool\":\"p\"," + ROW + ",\"cost\":0.042000,\"currency\":\"EUR\"}]}"));
    var typed = user.type("sandpool usage --from 2026-11-01 --output table");
    assertThat(typed.code()).as(typed.err()).isZero();
    assertThat(typed.out().lines().findFirst().orElseThrow().split(" +"))
        .startsWith("ResourceGroup", "Pool", "ReadyS", "AllocatedS")
        .endsWith("Cost", "Currency");
    assertThat(typed.out().lines().toList().get(2).split(" +"))
        .startsWith("g", "p")
        .endsWith("0.042", "EUR");
    assertThat(server.the("GET " + USAGE).query()).startsWith("by=pool&from=2026-11-01&");
  }

  @Test
  void withoutPricesNoTableHasCosts() {
    String group = "/subscriptions/sub-1/resourceGroups/my-group" + USAGE;
    server.on("GET " + group, 200, "{\"value\":[{\"tag\":\"red\"," + ROW + "}]}");
    var typed = user.type("sandpool usage -g my-group --by tag --tag team -o table");
    assertThat(typed.code()).as(typed.err()).isZero();
    assertThat(typed.out()).startsWith("Tag").contains("red").doesNotContain("Cost");
    assertThat(server.the("GET " + group).query()).startsWith("by=tag&tag=team&");
  }

  @Test
  void csvHasAllColumnsOfAPoolsUsageForASpreadsheet() {
    String pool = StubServer.pool("p") + USAGE;
    server.on("GET " + pool, 200, "{\"value\":[{\"hour\":\"2026-11-22T08:00:00Z\"," + ROW + "}]}");
    var typed = user.type("sandpool usage -g my-group -n p --by hour --output csv");
    assertThat(typed.out().lines())
        .first()
        .isEqualTo(
            "hour,readySeconds,allocatedSeconds,vcpuSeconds,gibSeconds,cpuSecondsUsed,"
                + "gibSecondsUsed,sessions,sessionHours,requests,bytesIn,bytesOut");
    assertThat(typed.out()).contains("\n2026-11-22T08:00:00Z,60.0,30.5,");
  }

  @Test
  void aSmallCostIsANumberThatPeopleRead() {
    String pool = StubServer.pool("p") + USAGE;
    server.on("GET " + pool, 200, "{\"value\":[{\"pool\":\"p\"," + ROW + ",\"cost\":0.000237}]}");
    String line = "sandpool usage -g my-group -n p --output ";
    for (String format : List.of("csv", "tsv")) {
      assertThat(user.type(line + format).out()).contains("0.000237").doesNotContain("E-4");
    }
  }

  @Test
  void aYearsSecondsAreANumberThatPeopleRead() {
    String pool = StubServer.pool("p") + USAGE;
    String row = ROW.replace(":30.500", ":25920000.5").replace(":45.250", ":10000000.0");
    server.on("GET " + pool, 200, "{\"value\":[{\"pool\":\"p\"," + row + "}]}");
    String line = "sandpool usage -g my-group -n p --output ";
    for (String format : List.of("csv", "tsv", "table")) {
      assertThat(user.type(line + format).out())
          .as(format)
          .contains("60.0", "25920000.5", "10000000")
          .doesNotContainPattern("[0-9]E");
    }
  }

  @Test
  void sandboxesAreToldApartInATable() {
    String pool = StubServer.pool("p") + USAGE;
    server.on(
        "GET " + pool, 200, "{\"value\":[{\"pool\":\"p\",\"sandbox\":\"abcdefgh\"," + ROW + "}]}");
    var typed = user.type("sandpool usage -g my-group -n p --by sandbox --output table");
    assertThat(typed.code()).as(typed.err()).isZero();
    assertThat(typed.out().lines().findFirst().orElseThrow().split(" +"))
        .startsWith("Pool", "Sandbox", "ReadyS");
    assertThat(typed.out()).contains("abcdefgh");
  }

  @Test
  void quotasAreShownOfSubscriptionEnvironmentAndPool() {
    String answer =
        "{\"value\":[{\"unit\":\"Count\",\"currentValue\":7.5,\"limit\":30,"
            + "\"name\":{\"value\":\"SubscriptionCores\",\"localizedValue\":\"Cores\"}}]}";
    server.on(
        "GET /subscriptions/sub-1/providers/Microsoft.App/locations/eastus/usages", 200, answer);
    server.on("GET " + StubServer.environment("env") + "/usages", 200, answer);
    server.on("GET " + StubServer.pool("p") + "/usages", 200, answer);
    for (String command :
        List.of(
            "list-usages -l eastus",
            "env list-usages -n env -g my-group",
            "sessionpool list-usages -n p -g my-group")) {
      var typed = user.type("sandpool " + command + " --output table");
      assertThat(typed.code()).as(typed.err()).isZero();
      assertThat(typed.out().lines().toList().get(2).split(" +"))
          .as(command)
          .containsExactly("SubscriptionCores", "7.5", "30");
    }
  }
}
