package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import org.jspecify.annotations.Nullable;

/** A parameter of a call of ours. */
final class QueryParameter {
  private QueryParameter() {}

  /**
   * Its value, decoded once; null if it is not there. Names are compared as they are written.
   *
   * @throws ArmException 400 if it is not percent-encoding
   */
  static @Nullable String of(String target, String name) {
    int query = target.indexOf('?');
    for (String pair : query < 0 ? new String[0] : target.substring(query + 1).split("&", -1)) {
      if (pair.startsWith(name + "=")) {
        String value = PercentEncoding.decode(pair.substring(name.length() + 1));
        if (value == null) {
          throw new ArmException(
              400, "InvalidQuery", "The parameter '" + name + "' is not well percent-encoded.");
        }
        return value;
      }
    }
    return null;
  }
}
