package dev.sandpool.server.management;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.azure.core.http.HttpHeaderName;
import com.azure.core.http.HttpPipeline;
import com.azure.core.http.HttpPipelineBuilder;
import com.azure.core.http.jdk.httpclient.JdkHttpClientBuilder;
import com.azure.core.management.AzureEnvironment;
import com.azure.core.management.exception.ManagementException;
import com.azure.core.management.profile.AzureProfile;
import com.azure.resourcemanager.appcontainers.ContainerAppsApiManager;
import com.azure.resourcemanager.appcontainers.models.ContainerType;
import com.azure.resourcemanager.appcontainers.models.CustomContainerTemplate;
import com.azure.resourcemanager.appcontainers.models.DynamicPoolConfiguration;
import com.azure.resourcemanager.appcontainers.models.EnvironmentVar;
import com.azure.resourcemanager.appcontainers.models.LifecycleConfiguration;
import com.azure.resourcemanager.appcontainers.models.LifecycleType;
import com.azure.resourcemanager.appcontainers.models.PoolManagementType;
import com.azure.resourcemanager.appcontainers.models.ScaleConfiguration;
import com.azure.resourcemanager.appcontainers.models.SessionContainer;
import com.azure.resourcemanager.appcontainers.models.SessionContainerResources;
import com.azure.resourcemanager.appcontainers.models.SessionIngress;
import com.azure.resourcemanager.appcontainers.models.SessionNetworkConfiguration;
import com.azure.resourcemanager.appcontainers.models.SessionNetworkStatus;
import com.azure.resourcemanager.appcontainers.models.SessionPool;
import com.azure.resourcemanager.appcontainers.models.SessionPoolProvisioningState;
import com.azure.resourcemanager.appcontainers.models.SessionPoolSecret;
import dev.sandpool.server.image.ImageException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Azure's own Java client (contract part 10), which nobody told of us: an unmodified pipeline with
 * nothing but a token, against management with the real keeper.
 */
class JavaSdkTest {
  private static final String SUBSCRIPTION = "11111111-2222-3333-4444-555555555555";

  @SuppressWarnings("NullAway.Init") // set before each test
  private KeeperManagement server;

  @SuppressWarnings("NullAway.Init") // set before each test
  private ContainerAppsApiManager client;

  @BeforeEach
  void start(@TempDir Path folder) throws Exception {
    server = new KeeperManagement(folder);
    client = client(KeeperManagement.TOKEN);
    client
        .managedEnvironments()
        .define("env")
        .withRegion("eastasia")
        .withExistingResourceGroup("rg")
        .create();
  }

  @AfterEach
  void stop() throws Exception {
    server.close();
  }

  private ContainerAppsApiManager client(String token) {
    HttpPipeline pipeline =
        new HttpPipelineBuilder()
            .policies(
                (context, next) -> {
                  context
                      .getHttpRequest()
                      .setHeader(HttpHeaderName.AUTHORIZATION, "Bearer " + token);
                  return next.process();
                })
            .httpClient(new JdkHttpClientBuilder().build())
            .build();
    var environment =
        new AzureEnvironment(Map.of("resourceManagerEndpointUrl", server.base() + "/"));
    return ContainerAppsApiManager.authenticate(
        pipeline, new AzureProfile(ManagementFixture.TENANT, SUBSCRIPTION, environment));
  }

  private SessionPool.DefinitionStages.WithCreate pool(String name, String image) {
    return client
        .containerAppsSessionPools()
        .define(name)
        .withRegion("East Asia")
        .withExistingResourceGroup("rg")
        .withEnvironmentId(environment())
        .withContainerType(ContainerType.CUSTOM_CONTAINER)
        .withPoolManagementType(PoolManagementType.DYNAMIC)
        .withScaleConfiguration(
            new ScaleConfiguration().withMaxConcurrentSessions(6).withReadySessionInstances(2))
        .withDynamicPoolConfiguration(
            new DynamicPoolConfiguration()
                .withLifecycleConfiguration(
                    new LifecycleConfiguration()
                        .withLifecycleType(LifecycleType.TIMED)
                        .withCooldownPeriodInSeconds(400)))
        .withSecrets(List.of(new SessionPoolSecret().withName("key").withValue("hunter2")))
        .withCustomContainerTemplate(template(image))
        .withSessionNetworkConfiguration(
            new SessionNetworkConfiguration().withStatus(SessionNetworkStatus.EGRESS_DISABLED));
  }

  private static String environment() {
    return "/subscriptions/"
        + SUBSCRIPTION
        + "/resourceGroups/rg/providers/Microsoft.App/managedEnvironments/env";
  }

  private static CustomContainerTemplate template(String image) {
    return new CustomContainerTemplate()
        .withContainers(
            List.of(
                new SessionContainer()
                    .withName("main")
                    .withImage(image)
                    .withEnv(List.of(new EnvironmentVar().withName("KEY").withSecretRef("key")))
                    .withResources(new SessionContainerResources().withCpu(0.5).withMemory("1Gi"))))
        .withIngress(new SessionIngress().withTargetPort(8080));
  }

  @Test
  void pool_isMadeChangedListedAndDeleted() {
    SessionPool made = pool("sdkpool", "registry.test/app:1").withTags(Map.of("a", "b")).create();

    assertThat(made.provisioningState()).isEqualTo(SessionPoolProvisioningState.SUCCEEDED);
    assertThat(made.poolManagementEndpoint()).endsWith("/sessionPools/sdkpool");
    assertThat(made.nodeCount()).isEqualTo(1);
    assertThat(made.location()).isEqualTo("East Asia");
    assertThat(made.systemData().createdBy()).isEqualTo("sdk");
    assertThat(made.secrets()).extracting(SessionPoolSecret::name).containsExactly("key");
    assertThat(made.secrets().getFirst().value()).isNull();

    SessionPool changed =
        made.update()
            .withScaleConfiguration(
                new ScaleConfiguration().withMaxConcurrentSessions(9).withReadySessionInstances(3))
            .withCustomContainerTemplate(template("registry.test/app:2"))
            .apply();

    assertThat(changed.scaleConfiguration().maxConcurrentSessions()).isEqualTo(9);
    assertThat(changed.customContainerTemplate().containers().getFirst().image())
        .isEqualTo("registry.test/app:2");
    assertThat(changed.tags()).isEqualTo(Map.of("a", "b"));
    assertThat(changed.refresh().provisioningState())
        .isEqualTo(SessionPoolProvisioningState.SUCCEEDED);

    assertThat(client.containerAppsSessionPools().list())
        .extracting(SessionPool::name)
        .containsExactly("sdkpool");
    assertThat(client.containerAppsSessionPools().listByResourceGroup("other")).isEmpty();

    client.containerAppsSessionPools().deleteById(made.id());

    assertThat(client.containerAppsSessionPools().listByResourceGroup("rg")).isEmpty();
    assertThat(server.world.ledger.pools()).isEmpty();
  }

  @Test
  void missingPool_isNotFound() {
    ManagementException missing =
        catchThrowableOfType(
            ManagementException.class,
            () -> client.containerAppsSessionPools().getByResourceGroup("rg", "nothing"));

    assertThat(missing.getResponse().getStatusCode()).isEqualTo(404);
    assertThat(missing.getValue().getCode()).isEqualTo("ResourceNotFound");
  }

  @Test
  void allFaultsOfABody_areInTheErrorsDetails() {
    ManagementException refused =
        catchThrowableOfType(
            ManagementException.class,
            () ->
                pool("sdkpool", "registry.test/app:1")
                    .withScaleConfiguration(
                        new ScaleConfiguration()
                            .withMaxConcurrentSessions(601)
                            .withReadySessionInstances(1))
                    .withCustomContainerTemplate(
                        template("registry.test/app:1")
                            .withIngress(new SessionIngress().withTargetPort(0)))
                    .create());

    assertThat(refused.getResponse().getStatusCode()).isEqualTo(400);
    assertThat(refused.getValue().getDetails())
        .extracting(it -> it.getTarget())
        .containsExactly(
            "properties.scaleConfiguration.maxConcurrentSessions",
            "properties.customContainerTemplate.ingress.targetPort");
  }

  @Test
  void failedOperation_tellsItsCause() {
    server.world.images.breakImage(
        "registry.test/missing:1",
        new ImageException(ImageException.Cause.NOT_FOUND, "there is no such tag"));

    ManagementException failed =
        catchThrowableOfType(
            ManagementException.class, () -> pool("sdkpool", "registry.test/missing:1").create());

    assertThat(failed.getValue().getCode()).isEqualTo("ImagePullFailed");
    assertThat(failed.getValue().getMessage()).contains("there is no such tag");
    assertThat(
            client
                .containerAppsSessionPools()
                .getByResourceGroup("rg", "sdkpool")
                .provisioningState())
        .isEqualTo(SessionPoolProvisioningState.FAILED);
  }

  @Test
  void stranger_isRefused() {
    ManagementException refused =
        catchThrowableOfType(
            ManagementException.class,
            () -> client("wrong").containerAppsSessionPools().list().stream().findFirst());

    assertThat(refused.getResponse().getStatusCode()).isEqualTo(401);
    assertThat(refused.getValue().getCode()).isEqualTo("Unauthenticated");
  }

  @Test
  void operationsAndEnvironments_areRead() {
    assertThat(client.operations().list())
        .extracting(it -> it.name())
        .contains("Microsoft.App/sessionPools/write");
    assertThat(client.managedEnvironments().getById(environment()).provisioningState().toString())
        .isEqualTo("Succeeded");
    assertThat(client.usages().list("eastasia"))
        .extracting(it -> it.name().value() + " " + it.currentValue() + " " + it.limit())
        .contains("SubscriptionCores 0.0 -1.0");
    client.managedEnvironments().deleteById(environment());
    assertThat(client.managedEnvironments().list()).isEmpty();
  }
}
