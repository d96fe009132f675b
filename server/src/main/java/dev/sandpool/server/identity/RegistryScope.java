package dev.sandpool.server.identity;

import dev.sandpool.server.role.Action;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a registry's client asks to do with one thing of it: {@code repository:NAME:pull,push}.
 *
 * @param type {@code repository}; others are understood and never granted
 * @param name with its path
 * @param actions as they were asked
 */
record RegistryScope(String type, String name, List<String> actions) {
  private static final int MOST = 32;
  private static final Pattern FORM =
      Pattern.compile(
          "([a-z0-9()]{1,32}):([A-Za-z0-9._/:-]{1,255}):([a-z*]{1,16}(?:,[a-z*]{1,16}){0,7})");

  RegistryScope {
    actions = List.copyOf(actions);
  }

  /** Those of all parameters {@code scope}; one may hold several, parted by spaces. */
  static List<RegistryScope> parse(List<String> parameters) throws OAuthForm.Wrong {
    List<RegistryScope> scopes = new ArrayList<>();
    for (String parameter : parameters) {
      for (String one : parameter.split(" ")) {
        if (!one.isEmpty()) {
          scopes.add(parse(one));
        }
      }
    }
    if (scopes.size() > MOST) {
      throw wrong("there are more than " + MOST + " scopes");
    }
    return scopes;
  }

  private static RegistryScope parse(String text) throws OAuthForm.Wrong {
    Matcher matcher = FORM.matcher(text);
    if (!matcher.matches()) {
      throw wrong("a scope is not of the form repository:NAME:pull,push");
    }
    return new RegistryScope(
        matcher.group(1), matcher.group(2), List.of(matcher.group(3).split(",")));
  }

  private static OAuthForm.Wrong wrong(String description) {
    return new OAuthForm.Wrong(new TokenResponse.Refused(400, "invalid_scope", description));
  }

  /** The right that an action needs; without one, nobody has it. */
  Optional<Action> right(String action) {
    if (!type.equals("repository")) {
      return Optional.empty();
    }
    return switch (action) {
      case "pull" -> Optional.of(Action.REGISTRY_PULL);
      case "push" -> Optional.of(Action.REGISTRY_PUSH);
      case "delete" -> Optional.of(Action.REGISTRY_DELETE);
      default -> Optional.empty();
    };
  }

  @Override
  public String toString() {
    return type + ":" + name + ":" + String.join(",", actions);
  }
}
