package dev.sandpool.cli.output;

import dev.sandpool.cli.Failure;
import io.burt.jmespath.Expression;
import io.burt.jmespath.JmesPathException;
import java.util.regex.Pattern;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** A JMESPath expression. */
public final class Query {
  private static final Pattern DOTTED = Pattern.compile("[A-Za-z_]\\w*(\\.[A-Za-z_]\\w*)*");

  private final String text;

  private Query(String text) {
    this.text = text;
  }

  /** The expression. */
  public static Query of(String text) {
    return new Query(text);
  }

  /**
   * Finds a wrong expression before anything is sent.
   *
   * @throws Failure with exit code 2 if it is not JMESPath
   */
  public static void check(String text) {
    var query = new Query(text);
    if (!query.dotted()) {
      query.compile(new JacksonRuntime());
    }
  }

  /** What it picks; null where nothing matches. */
  public JsonNode search(JsonNode json) {
    if (dotted()) {
      // The plain case, by far the most frequent: no need to load a parser for it.
      return walk(json);
    }
    try {
      return compile(new JacksonRuntime()).search(json);
    } catch (JmesPathException e) {
      throw Failure.usage("--query failed: " + e.getMessage());
    }
  }

  private JsonNode walk(JsonNode json) {
    JsonNode here = json;
    for (String name : text.split("\\.", -1)) {
      here = here.isObject() ? here.path(name) : JsonNodeFactory.instance.missingNode();
    }
    return here.isMissingNode() ? JsonNodeFactory.instance.nullNode() : here;
  }

  private boolean dotted() {
    return DOTTED.matcher(text).matches();
  }

  private Expression<JsonNode> compile(JacksonRuntime runtime) {
    try {
      return runtime.compile(text);
    } catch (JmesPathException e) {
      throw Failure.usage("invalid jmespath_type value: '" + text + "': " + e.getMessage());
    }
  }
}
