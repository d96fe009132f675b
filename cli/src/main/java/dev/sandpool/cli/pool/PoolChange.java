package dev.sandpool.cli.pool;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.cli.rest.Ids;
import java.io.IOException;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/**
 * The body of a PATCH: only the parts that were typed, but each array whole, because arrays replace
 * (contract 1.2). The container's template is sent whole once anything in it changes.
 */
final class PoolChange {
  private final PoolOptions options;

  PoolChange(PoolOptions options) {
    this.options = options;
  }

  /** Refuses what is wrong in itself. */
  void validate() throws IOException {
    if (options.containerType != null || options.environment != null) {
      throw Failure.usage("containerType and environmentId cannot be updated.");
    }
    options.scale.validate();
    options.container.validate();
    KeyValues.secrets(options.registry.secrets);
  }

  /** The body that makes the typed changes to the pool as it is. */
  ObjectNode body(Shell shell, Ids ids, String group, JsonNode pool) throws IOException {
    JsonNode before = pool.path("properties");
    if (!before.path("containerType").asString(NewPool.CUSTOM).equalsIgnoreCase(NewPool.CUSTOM)) {
      options.container.refuseForOtherTypes();
    }
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    options.tags.addTo(body);
    ObjectNode after = body.putObject("properties");
    lifecycle(after, before);
    String network = options.scale.network();
    if (network != null) {
      after.putObject("sessionNetworkConfiguration").put("status", network);
    }
    scale(after);
    if (options.registry.secrets != null) {
      after.set("secrets", KeyValues.secrets(options.registry.secrets));
    }
    var named = new IdentityOptions.Named(ids, group);
    template(shell, named, after, before);
    JsonNode identity = pool.path("identity");
    options.identity.addTo(body, after, options.registry.identity, identity, named);
    return body;
  }

  private void lifecycle(ObjectNode after, JsonNode before) {
    ScaleOptions typed = options.scale;
    String now =
        before
            .path("dynamicPoolConfiguration")
            .path("lifecycleConfiguration")
            .path("lifecycleType")
            .asString("");
    refuseForCurrent("--max-alive-period", typed.maxAlivePeriod, now, "Timed");
    refuseForCurrent("--cooldown-period", typed.cooldownPeriod, now, "OnContainerExit");
    ObjectNode lifecycle = JsonNodeFactory.instance.objectNode();
    String type = typed.lifecycle();
    if (type != null) {
      lifecycle.put("lifecycleType", type);
    }
    if (typed.cooldownPeriod != null) {
      lifecycle.put("cooldownPeriodInSeconds", typed.cooldownPeriod);
    }
    if (typed.maxAlivePeriod != null) {
      lifecycle.put("maxAlivePeriodInSeconds", typed.maxAlivePeriod);
    }
    if (!lifecycle.isEmpty()) {
      after.putObject("dynamicPoolConfiguration").set("lifecycleConfiguration", lifecycle);
    }
  }

  private void refuseForCurrent(
      String option, @Nullable Integer typed, String now, String unsuited) {
    if (typed != null && options.scale.lifecycle() == null && now.equals(unsuited)) {
      throw Failure.usage(
          option + " is not supported for the current --lifecycle-type '" + unsuited + "'.");
    }
  }

  private void scale(ObjectNode after) {
    ObjectNode scale = JsonNodeFactory.instance.objectNode();
    if (options.scale.maxSessions != null) {
      scale.put("maxConcurrentSessions", options.scale.maxSessions);
    }
    if (options.scale.readySessions != null) {
      scale.put("readySessionInstances", options.scale.readySessions);
    }
    if (!scale.isEmpty()) {
      after.set("scaleConfiguration", scale);
    }
  }

  private void template(Shell shell, IdentityOptions.Named named, ObjectNode after, JsonNode before)
      throws IOException {
    ContainerOptions typed = options.container;
    boolean registry = options.registry.changesRegistry();
    if (!typed.changesContainer() && typed.targetPort == null && !registry) {
      return;
    }
    ObjectNode template =
        before.path("customContainerTemplate").deepCopy() instanceof ObjectNode existing
            ? existing
            : JsonNodeFactory.instance.objectNode();
    if (typed.changesContainer()) {
      container(template);
    }
    if (typed.targetPort != null) {
      template.withObjectProperty("ingress").put("targetPort", typed.targetPort);
    }
    if (registry) {
      registry(shell, named, template, after, before);
    }
    after.set("customContainerTemplate", template);
  }

  private void container(ObjectNode template) throws IOException {
    ContainerOptions typed = options.container;
    ObjectNode container = find(template.path("containers"), typed.containerName);
    if (typed.containerName != null) {
      container.put("name", typed.containerName);
    }
    if (typed.image != null) {
      container.put("image", typed.image);
    }
    if (typed.envVars != null) {
      container.set("env", KeyValues.variables(typed.envVars));
    }
    NewPool.words(container, "command", typed.command);
    NewPool.words(container, "args", typed.args);
    if (typed.cpu != null) {
      container.withObjectProperty("resources").put("cpu", typed.cpu);
    }
    if (typed.memory != null) {
      container.withObjectProperty("resources").put("memory", typed.memory);
    }
    if (typed.probeYaml != null) {
      container.set("probes", Probes.read(typed.probeYaml));
    }
  }

  private static ObjectNode find(JsonNode containers, @Nullable String name) {
    if (containers.size() == 1 && containers.get(0) instanceof ObjectNode only) {
      return only;
    }
    if (name == null) {
      throw Failure.usage("Must provide container name if multiple containers provided");
    }
    for (JsonNode container : containers.values()) {
      if (container.path("name").asString("").equalsIgnoreCase(name)
          && container instanceof ObjectNode found) {
        return found;
      }
    }
    throw Failure.usage("Cannot find the corresponding container for container name " + name);
  }

  private void registry(
      Shell shell,
      IdentityOptions.Named named,
      ObjectNode template,
      ObjectNode after,
      JsonNode before)
      throws IOException {
    RegistryOptions typed = options.registry;
    boolean login = typed.username != null && typed.password != null;
    boolean complete = typed.server != null && (login || typed.identity != null);
    if (!template.path("registryCredentials").isObject()) {
      if (!complete) {
        throw Failure.usage(
            "The existing registry credentials are empty. Please provide --registry-server,"
                + " --registry-username, --registry-password or --registry-identity to update the"
                + " registry credentials.");
      }
      template.putObject("registryCredentials");
    }
    ObjectNode credentials = template.withObjectProperty("registryCredentials");
    if (typed.server != null) {
      credentials.put("server", typed.server);
    }
    if (typed.username != null) {
      credentials.put("username", typed.username);
    }
    if (typed.identity != null) {
      credentials.put("identity", typed.identityId(named.ids(), named.group()));
    }
    if (typed.password != null) {
      password(shell, credentials, after, before);
    }
  }

  private void password(Shell shell, ObjectNode credentials, ObjectNode after, JsonNode before)
      throws IOException {
    ArrayNode secrets = KeyValues.secrets(options.registry.secrets);
    credentials.put(
        "passwordSecretRef",
        RegistryOptions.store(
            secrets,
            credentials.path("server").asString(""),
            credentials.path("username").asString(""),
            options.registry.readPassword(shell)));
    if (secrets.isEmpty()) {
      return;
    }
    after.set("secrets", secrets);
    Set<String> lost = names(before.path("secrets"));
    lost.removeAll(names(secrets));
    if (!lost.isEmpty()) {
      shell
          .err()
          .println(
              "WARNING: the following secrets are going to be deleted: "
                  + String.join(", ", lost)
                  + ". If this is not the intended behavior, please add the missing secrets into"
                  + " the --secrets flag.");
    }
  }

  private static Set<String> names(JsonNode secrets) {
    Set<String> names = new LinkedHashSet<>();
    secrets.values().forEach(secret -> names.add(secret.path("name").asString("")));
    return names;
  }
}
