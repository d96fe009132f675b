package dev.sandpool.server.management;

import dev.sandpool.model.ArmError;
import dev.sandpool.model.ArmException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * All that is wrong with one request's body, so that the caller mends it in one go. At most one
 * fault a property: what follows from an earlier one is left out.
 */
final class Faults {
  /** The code of a fault that has none of its own. */
  static final String INVALID_VALUE = "InvalidParameterValue";

  private final List<ArmError> faults = new ArrayList<>();

  void add(String code, String target, String message) {
    if (!has(target)) {
      faults.add(new ArmError(code, target + ": " + message, target));
    }
  }

  void add(String target, String message) {
    add(INVALID_VALUE, target, message);
  }

  /** Whether the property, or one that holds it, is at fault already. */
  boolean has(String target) {
    return faults.stream().anyMatch(fault -> holds(String.valueOf(fault.target()), target));
  }

  /**
   * @throws ArmException 400 with all faults, if there is one
   */
  void throwIfAny() {
    if (faults.isEmpty()) {
      return;
    }
    List<String> codes = faults.stream().map(ArmError::code).distinct().toList();
    String code = codes.size() == 1 ? codes.getFirst() : "InvalidRequestContent";
    String message = faults.stream().map(ArmError::message).collect(Collectors.joining(" "));
    String target = faults.size() == 1 ? faults.getFirst().target() : null;
    throw new ArmException(400, new ArmError(code, message, target, faults));
  }

  private static boolean holds(String outer, String inner) {
    return inner.equals(outer) || inner.startsWith(outer + ".") || inner.startsWith(outer + "[");
  }
}
