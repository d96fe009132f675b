package dev.sandpool.server.management;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** What a pool's container template and its secrets must keep to (contract 1.2). */
final class TemplateRules {
  private static final String TEMPLATE = "properties.customContainerTemplate";
  private static final String SECRETS = "properties.secrets";
  private static final String SECRET_NAME = "[A-Za-z0-9][A-Za-z0-9._:-]{0,252}";
  private static final double DEFAULT_CPU = 0.5;
  private static final String DEFAULT_MEMORY = "1Gi";

  private final PoolLimits limits;
  private final Faults faults;

  TemplateRules(PoolLimits limits, Faults faults) {
    this.limits = limits;
    this.faults = faults;
  }

  void check(JsonNode document, ObjectNode properties) {
    secrets(properties);
    Set<String> secrets =
        Fields.elements(properties, "secrets").stream()
            .flatMap(secret -> Fields.text(secret, "name").stream())
            .collect(Collectors.toSet());
    if (!(properties.path("customContainerTemplate") instanceof ObjectNode template)) {
      faults.add(TEMPLATE, "is required.");
      return;
    }
    registry(document, template, secrets);
    List<JsonNode> containers = Fields.elements(template, "containers");
    if (containers.size() != 1) {
      faults.add(
          TEMPLATE + ".containers", "has " + containers.size() + " containers; it must have one.");
    } else if (containers.getFirst() instanceof ObjectNode container) {
      container(container, TEMPLATE + ".containers[0]", secrets);
    }
    port(template);
  }

  private void port(ObjectNode template) {
    String target = TEMPLATE + ".ingress.targetPort";
    Optional<Long> port = Fields.whole(template, "ingress", "targetPort");
    if (port.isEmpty()) {
      faults.add(target, "is required: the port that the container listens on, 1 to 65535.");
    } else {
      PoolRules.range(port.get(), 1, 65535, target, faults);
    }
  }

  private void secrets(ObjectNode properties) {
    Set<String> names = new HashSet<>();
    List<JsonNode> secrets = Fields.elements(properties, "secrets");
    for (int i = 0; i < secrets.size(); i++) {
      String at = SECRETS + "[" + i + "]";
      String name = Fields.text(secrets.get(i), "name").orElse("");
      if (!name.matches(SECRET_NAME)) {
        faults.add(
            at + ".name", "'" + name + "' must have 1 to 253 letters, digits and '-', '.', '_'.");
      } else if (!names.add(name)) {
        faults.add(at + ".name", "'" + name + "' is the name of another secret.");
      }
      unsupported(secrets.get(i), "keyVaultUrl", at);
      unsupported(secrets.get(i), "identity", at);
    }
  }

  private void unsupported(JsonNode holder, String property, String at) {
    if (!Fields.text(holder, property).orElse("").isEmpty()) {
      faults.add(PoolRules.NOT_SUPPORTED, at + "." + property, "is not supported yet.");
    }
  }

  private void registry(JsonNode document, ObjectNode template, Set<String> secrets) {
    if (!(template.path("registryCredentials") instanceof ObjectNode registry)) {
      template.putNull("registryCredentials");
      return;
    }
    String at = TEMPLATE + ".registryCredentials";
    String identity = Fields.text(registry, "identity").orElse("");
    boolean login = identity.isEmpty();
    if (login) {
      registry.remove("identity");
    } else if (!PoolIdentities.has(document, identity)) {
      faults.add(
          at + ".identity",
          "'"
              + identity
              + "' is not an identity of the pool: 'system' or an id of"
              + " identity.userAssignedIdentities.");
    }
    List<String> credentials = List.of("username", "passwordSecretRef");
    for (String property : credentials) {
      boolean given = !Fields.text(registry, property).orElse("").isEmpty();
      if (login && !given) {
        faults.add(at + "." + property, "is required where registryCredentials have no identity.");
      } else if (!login && given) {
        faults.add(at + "." + property, "cannot be given beside an identity.");
      } else if (!login) {
        registry.remove(property);
      }
    }
    if (Fields.text(registry, "server").orElse("").isEmpty()) {
      faults.add(at + ".server", "is required where registryCredentials are given.");
    }
    Fields.text(registry, "passwordSecretRef")
        .ifPresent(name -> secretRef(name, at + ".passwordSecretRef", secrets));
  }

  private void secretRef(String name, String target, Set<String> secrets) {
    if (!secrets.contains(name)) {
      faults.add(target, "there is no secret '" + name + "' in properties.secrets.");
    }
  }

  private void container(ObjectNode container, String at, Set<String> secrets) {
    ImageNames.check(Fields.text(container, "image").orElse(""), at + ".image", faults);
    noNul(Fields.texts(container, "command"), at + ".command");
    noNul(Fields.texts(container, "args"), at + ".args");
    environment(container, at + ".env", secrets);
    ObjectNode resources = Fields.object(container, "resources");
    cpu(resources, at + ".resources.cpu");
    memory(resources, at + ".resources.memory");
    new ProbeRules(faults).check(container, at);
  }

  private void noNul(List<String> words, String target) {
    if (words.stream().anyMatch(word -> word.indexOf('\0') >= 0)) {
      faults.add(target, "has a NUL character.");
    }
  }

  private void environment(ObjectNode container, String at, Set<String> secrets) {
    Set<String> names = new HashSet<>();
    List<JsonNode> variables = Fields.elements(container, "env");
    for (int i = 0; i < variables.size(); i++) {
      JsonNode variable = variables.get(i);
      String here = at + "[" + i + "]";
      String name = Fields.text(variable, "name").orElse("");
      if (name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0) {
        faults.add(here + ".name", "'" + name + "' is not a variable's name.");
      } else if (!names.add(name)) {
        faults.add(here + ".name", "'" + name + "' is the name of another variable.");
      }
      variable(variable, here, secrets);
    }
  }

  private void variable(JsonNode variable, String at, Set<String> secrets) {
    String ref = Fields.text(variable, "secretRef").orElse("");
    Optional<String> value = Fields.text(variable, "value");
    if (!ref.isEmpty() && !value.orElse("").isEmpty()) {
      faults.add(at, "has both value and secretRef.");
    } else if (!ref.isEmpty()) {
      secretRef(ref, at + ".secretRef", secrets);
    }
    noNul(value.stream().toList(), at + ".value");
  }

  private void cpu(ObjectNode resources, String target) {
    double cpu = Fields.number(resources, "cpu").orElse(DEFAULT_CPU);
    resources.put("cpu", cpu);
    if (cpu < limits.cpuMin() || cpu > limits.cpuMax()) {
      faults.add(
          target, cpu + " is not in the range " + limits.cpuMin() + " to " + limits.cpuMax() + ".");
    }
  }

  private void memory(ObjectNode resources, String target) {
    String memory = Fields.text(resources, "memory").orElse(DEFAULT_MEMORY);
    resources.put("memory", memory);
    Optional<Long> bytes = Memory.bytes(memory);
    if (bytes.isEmpty()) {
      faults.add(target, "'" + memory + "' is not an amount of memory like '0.5Gi' or '512Mi'.");
    } else if (bytes.get() < limits.memoryMin() || bytes.get() > limits.memoryMax()) {
      faults.add(
          target,
          "'%s' is not in the range %s to %s."
              .formatted(memory, Memory.text(limits.memoryMin()), Memory.text(limits.memoryMax())));
    }
  }
}
