package dev.sandpool.cli.pool;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.cli.rest.Ids;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/** The body of a PUT, from what was typed and the contract's defaults (contract 4). */
final class NewPool {
  static final String CUSTOM = "CustomContainer";
  private static final String DEFAULT_IMAGE = "mcr.microsoft.com/k8se/quickstart:latest";
  private static final JsonNodeFactory NODES = JsonNodeFactory.instance;

  private final PoolOptions options;
  private final String name;

  NewPool(PoolOptions options, String name) {
    this.options = options;
    this.name = name;
  }

  /** Refuses what is wrong in itself, in the order of the contract's client. */
  void validate() throws IOException {
    if (custom()) {
      if (options.environment == null) {
        throw Failure.usage("Must provide environment name when container type is CustomContainer");
      }
    } else {
      if (options.environment != null) {
        throw Failure.usage(
            "Do not pass environment name when using container type " + containerType());
      }
      options.container.refuseForOtherTypes();
      options.scale.validateForOtherType(containerType());
    }
    options.scale.validate();
    options.registry.validateForCreate();
    options.container.validate();
    if (custom() && options.container.targetPort == null) {
      throw Failure.usage("Required argument 'target_port' is not specified.");
    }
  }

  boolean custom() {
    return containerType().equalsIgnoreCase(CUSTOM);
  }

  private String containerType() {
    String typed = new Choices.ContainerTypes().spelled("--container-type", options.containerType);
    return typed == null ? CUSTOM : typed;
  }

  /**
   * What a pool's body needs beside options.
   *
   * @param environmentId null where the type takes none
   */
  record Surroundings(
      Shell shell, Ids ids, String group, String location, @Nullable String environmentId) {}

  /** The body. */
  ObjectNode body(Surroundings around) throws IOException {
    ObjectNode body = NODES.objectNode().put("location", around.location());
    options.tags.addTo(body);
    ObjectNode properties = body.putObject("properties");
    properties.put("poolManagementType", "Dynamic");
    properties.put("environmentId", around.environmentId());
    properties.put("containerType", containerType());
    ArrayNode secrets = KeyValues.secrets(options.registry.secrets);
    properties.set(
        "customContainerTemplate", custom() ? template(around, secrets) : NODES.nullNode());
    properties.set("secrets", secrets.isEmpty() ? NODES.nullNode() : secrets);
    properties.putObject("dynamicPoolConfiguration").set("lifecycleConfiguration", lifecycle());
    properties.putObject("sessionNetworkConfiguration").put("status", network());
    properties
        .putObject("scaleConfiguration")
        .put("maxConcurrentSessions", orElse(options.scale.maxSessions, 10))
        .put("readySessionInstances", orElse(options.scale.readySessions, 5));
    var named = new IdentityOptions.Named(around.ids(), around.group());
    JsonNode none = NODES.nullNode();
    options.identity.addTo(body, properties, options.registry.identity, none, named);
    return body;
  }

  /** Both periods, one of them null, as the contract's client sends them. */
  private ObjectNode lifecycle() {
    String type = options.scale.inferredLifecycle();
    boolean timed = type.equals("Timed");
    @Nullable Integer alive = timed ? null : orElse(options.scale.maxAlivePeriod, 3600);
    @Nullable Integer cooldown = timed ? orElse(options.scale.cooldownPeriod, 300) : null;
    return NODES
        .objectNode()
        .put("lifecycleType", type)
        .put("maxAlivePeriodInSeconds", alive)
        .put("cooldownPeriodInSeconds", cooldown);
  }

  private String network() {
    String typed = options.scale.network();
    return typed == null ? "EgressDisabled" : typed;
  }

  private ObjectNode template(Surroundings around, ArrayNode secrets) throws IOException {
    ObjectNode template = NODES.objectNode();
    template.putArray("containers").add(container());
    template.putObject("ingress").put("targetPort", options.container.targetPort);
    template.set("registryCredentials", registry(around, secrets));
    return template;
  }

  private ObjectNode container() throws IOException {
    ContainerOptions typed = options.container;
    ObjectNode container = NODES.objectNode();
    container.put("name", orElse(typed.containerName, name.toLowerCase(Locale.ROOT)));
    container.put("image", orElse(typed.image, DEFAULT_IMAGE));
    if (typed.envVars != null) {
      container.set("env", KeyValues.variables(typed.envVars));
    }
    words(container, "command", typed.command);
    words(container, "args", typed.args);
    if (typed.cpu == null && typed.memory == null) {
      container.putNull("resources");
    } else {
      container.putObject("resources").put("cpu", typed.cpu).put("memory", typed.memory);
    }
    if (typed.probeYaml != null) {
      container.set("probes", Probes.read(typed.probeYaml));
    }
    return container;
  }

  static void words(ObjectNode container, String key, @Nullable List<String> words) {
    if (words != null) {
      ArrayNode array = container.putArray(key);
      words.forEach(array::add);
    }
  }

  private JsonNode registry(Surroundings around, ArrayNode secrets) throws IOException {
    RegistryOptions typed = options.registry;
    if (typed.server == null) {
      return NODES.nullNode();
    }
    ObjectNode registry = NODES.objectNode().put("server", typed.server);
    if (typed.username != null) {
      String password = typed.readPassword(around.shell());
      registry.put("username", typed.username);
      registry.put(
          "passwordSecretRef",
          RegistryOptions.store(secrets, typed.server, typed.username, password));
    }
    if (typed.identity != null) {
      registry.put("identity", typed.identityId(around.ids(), around.group()));
    }
    return registry;
  }

  private static <T> T orElse(@Nullable T typed, T otherwise) {
    return typed == null ? otherwise : typed;
  }
}
