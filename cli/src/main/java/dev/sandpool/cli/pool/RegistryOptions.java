package dev.sandpool.cli.pool;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import dev.sandpool.cli.rest.Ids;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ArrayNode;

/** Where the image is pulled from and as whom; and the pool's other secrets. */
final class RegistryOptions {
  private static final String SECRET_REF = "secretref:";

  @Option(
      names = "--registry-server",
      paramLabel = "HOST",
      description = "The registry of the image.",
      order = 40)
  @Nullable String server;

  @Option(
      names = "--registry-username",
      paramLabel = "USER",
      description = "Who pulls.",
      order = 41)
  @Nullable String username;

  @Option(
      names = "--registry-password",
      paramLabel = "PASSWORD",
      description = {
        "The password, '@FILE' to read it from a file, '-' from standard input, or",
        "'secretref:NAME' for one of the pool's secrets.",
        "Typed in full it is seen by everyone who may list processes."
      },
      order = 42)
  @Nullable String password;

  @Option(
      names = "--registry-identity",
      paramLabel = "IDENTITY",
      description = "The identity that pulls, instead of a password: 'system', a name or an id.",
      order = 43)
  @Nullable String identity;

  @Option(
      names = {"-s", "--secrets"},
      arity = "0..*",
      paramLabel = "KEY=VALUE",
      description = {
        "The pool's secrets, for --env-vars KEY=secretref:NAME. Without a value: none."
      },
      order = 43)
  java.util.@Nullable List<String> secrets;

  /** Checks what can be checked without a server. */
  void validateForCreate() {
    KeyValues.secrets(secrets);
    if ((username == null) != (password == null)) {
      throw Failure.usage("--registry-username and --registry-password must be set together.");
    }
    if (server == null && (username != null || identity != null)) {
      String option = username != null ? "--registry-username" : "--registry-identity";
      throw Failure.usage(option + " needs --registry-server.");
    }
  }

  /** The identity as the server knows it: {@code system} or a resource id. */
  @Nullable String identityId(Ids ids, String group) {
    if (identity == null || identity.equalsIgnoreCase("system")) {
      return identity == null ? null : "system";
    }
    return ids.identity(group, identity);
  }

  boolean changesRegistry() {
    return server != null || username != null || password != null || identity != null;
  }

  /** The password itself; asked for once, since standard input can be read only once. */
  String readPassword(Shell shell) throws IOException {
    String typed = password == null ? "" : password;
    String value = typed;
    if (typed.equals("-")) {
      value = new String(shell.streams().in().readAllBytes(), StandardCharsets.UTF_8);
    } else if (typed.startsWith("@")) {
      value = readFile(Path.of(typed.substring(1)));
    }
    String password = typed.equals(value) ? value : value.replaceFirst("\\R\\z", "");
    if (password.isEmpty()) {
      throw Failure.usage("--registry-password is empty.");
    }
    return password;
  }

  private static String readFile(Path file) throws IOException {
    try {
      return Files.readString(file);
    } catch (NoSuchFileException e) {
      throw Failure.usage("--registry-password: there is no file " + file);
    }
  }

  /**
   * Adds the password to the secrets, unless it is there already or names one.
   *
   * @return the secret's name, server without dots, hyphen, user
   * @throws Failure if a secret of that name holds something else
   */
  static String store(ArrayNode secrets, String server, String username, String password) {
    if (password.startsWith(SECRET_REF)) {
      return password.substring(SECRET_REF.length());
    }
    String name = hostOf(server).replace(".", "") + "-" + username;
    String clean = name.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9-]", "");
    for (JsonNode secret : secrets.values()) {
      if (secret.path("name").asString("").equalsIgnoreCase(clean)) {
        if (!secret.path("value").asString("").equals(password)) {
          throw Failure.usage(
              "Found secret with name \""
                  + clean
                  + "\" but value does not equal the supplied registry password.");
        }
        return clean;
      }
    }
    secrets.addObject().put("name", clean).put("value", password);
    return clean;
  }

  private static String hostOf(String server) {
    if (!server.contains("://")) {
      return server;
    }
    String host = URI.create(server).getHost();
    return host == null ? server : host;
  }
}
