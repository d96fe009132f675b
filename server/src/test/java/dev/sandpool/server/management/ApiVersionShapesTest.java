package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.ENVIRONMENT;
import static dev.sandpool.server.management.ManagementFixture.POOL;
import static dev.sandpool.server.management.ManagementFixture.poolBody;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.ledger.Lifecycle;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/** Each version gets the shape that it had: docs/contract.md has the same table. */
class ApiVersionShapesTest extends ManagementTestBase {
  static final List<String> VERSIONS = ApiVersion.SUPPORTED;

  @BeforeEach
  void environment() {
    server.createEnvironment();
  }

  @ParameterizedTest
  @FieldSource("VERSIONS")
  void version_canDoEverything(String version) {
    String query = "?api-version=" + version;

    var created = server.call("PUT", POOL + query, poolBody());
    server.pools.settle();
    var shown = server.call("GET", POOL + query);
    var back = server.call("PUT", POOL + query, shown.text());
    var patched = server.call("PATCH", POOL + query, "{\"tags\":{\"a\":\"b\"}}");
    server.pools.settle();
    var deleted = server.call("DELETE", POOL + query);
    server.pools.settle();

    assertThat(created.status()).as(created.text()).isEqualTo(201);
    assertThat(shown.status()).isEqualTo(200);
    assertThat(shown.header("api-supported-versions")).contains(version);
    assertThat(back.status()).as(back.text()).isEqualTo(200);
    assertThat(back.at("/properties/provisioningState").asString()).isEqualTo("Succeeded");
    assertThat(back.header("sandpool-warning")).isEmpty();
    assertThat(patched.status()).isEqualTo(202);
    assertThat(server.call("GET", deleted.header("Location")).status()).isEqualTo(204);
  }

  @ParameterizedTest
  @CsvSource({
    // version, flat lifecycle, registryServer, identity, identity settings, preview properties
    "2023-08-01-preview, true, true, false, false, false",
    "2023-11-02-preview, true, true, false, false, false",
    "2024-02-02-preview, true, true, false, false, false",
    "2024-08-02-preview, true, false, false, false, false",
    "2024-10-02-preview, true, false, true, true, false",
    "2025-01-01, false, false, true, true, false",
    "2025-02-02-preview, false, false, true, true, true",
    "2025-07-01, false, false, true, true, false",
    "2025-10-02-preview, false, false, true, true, true",
    "2026-01-01, false, false, true, true, false",
    "2026-03-02-preview, false, false, true, true, true",
    "2026-07-01, false, false, true, true, false",
    "2031-01-01, false, false, true, true, false",
  })
  void version_showsWhatIsItsOwn(
      String version,
      boolean flat,
      boolean registryServer,
      boolean identity,
      boolean settings,
      boolean preview) {
    server.call("PUT", POOL + "?api-version=2026-07-01", poolBody());
    server.pools.settle();

    var shown = server.call("GET", POOL + "?api-version=" + version);
    var properties = shown.at("/properties");
    var registry = properties.at("/customContainerTemplate/registryCredentials");

    assertThat(properties.at("/dynamicPoolConfiguration").has("executionType")).isEqualTo(flat);
    assertThat(properties.at("/dynamicPoolConfiguration").has("lifecycleConfiguration"))
        .isNotEqualTo(flat);
    assertThat(registry.has("registryServer")).isEqualTo(registryServer);
    assertThat(registry.has("server")).isNotEqualTo(registryServer);
    assertThat(shown.json().has("identity")).isEqualTo(identity);
    assertThat(properties.has("managedIdentitySettings")).isEqualTo(settings);
    assertThat(properties.has("templateUpdateStatus")).isEqualTo(preview);
    assertThat(properties.has("mcpServerSettings")).isEqualTo(preview);
  }

  @ParameterizedTest
  @CsvSource({
    "2025-01-01, false",
    "2025-02-02-preview, true",
    "2025-07-01, false",
    "2025-10-02-preview, true",
    "2026-01-01, true",
    "2026-07-01, true",
  })
  void probes_belongToPreviewsAndToStableVersionsSince2026(String version, boolean probes) {
    assertThat(ApiVersion.of(version).probes()).isEqualTo(probes);
  }

  @Test
  void oldNames_areUnderstoodInRequests() {
    String old =
        poolBody()
            .replace("\"server\": \"registry", "\"registryServer\": \"registry")
            .replaceAll(
                "\\{\\s*\"lifecycleConfiguration\": (\\{[^}]*})\\s*}",
                "{\"executionType\": \"Timed\", \"cooldownPeriodInSeconds\": 600}");

    var created = server.call("PUT", POOL + "?api-version=2024-02-02-preview", old);

    assertThat(created.status()).as(created.text()).isEqualTo(201);
    assertThat(server.pool().lifecycle()).isEqualTo(new Lifecycle.Timed(Duration.ofMinutes(10)));
    assertThat(created.at("/properties/customContainerTemplate/registryCredentials/registryServer"))
        .hasToString("\"registry.example:5000\"");
  }

  @Test
  void errors_tellTheSupportedVersionsToo() {
    var missing = server.call("GET", POOL + "?api-version=2025-07-01");

    assertThat(missing.status()).isEqualTo(404);
    assertThat(missing.header("api-supported-versions")).contains("2026-07-01");
  }

  @ParameterizedTest
  @CsvSource({"eastasia, East Asia", "EAST US 2, East US 2", "my-rack, my-rack"})
  void location_isAnsweredByItsDisplayName(String given, String shown) {
    String query = "?api-version=2025-07-01";
    String other = ENVIRONMENT + "2" + query;

    var created = server.call("PUT", other, "{\"location\":\"" + given + "\"}");

    assertThat(created.at("/location").asString()).isEqualTo(shown);
  }
}
