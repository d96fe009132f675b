package dev.sandpool.model;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One error in the ARM envelope (contract 1.6); on the wire it stands under the key {@code error}.
 *
 * @param code a stable name such as {@code SessionPoolFull}, never translated
 * @param message a sentence for a person: field, value and accepted range
 * @param target the property at fault, absent where there is none
 * @param details further errors of the same request, empty where there are none
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record ArmError(
    String code, String message, @Nullable String target, List<ArmError> details) {
  public ArmError {
    details = List.copyOf(details);
  }

  public ArmError(String code, String message) {
    this(code, message, null, List.of());
  }

  public ArmError(String code, String message, @Nullable String target) {
    this(code, message, target, List.of());
  }

  /** The error under its envelope's key. */
  public Envelope envelope() {
    return new Envelope(this);
  }

  /** What is on the wire. */
  public record Envelope(ArmError error) {}
}
