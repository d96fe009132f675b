package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import dev.sandpool.server.session.SessionEntry;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The one sandbox that may answer a request: that of its token, or of the session whose own host
 * was asked without saying the identifier. What comes after it is another session.
 *
 * @param id of the sandbox
 * @param ended what is said when it has ended
 */
record OnlySandbox(String id, Supplier<ArmException> ended) {
  /** Whether it is that of a session, which may be none. */
  boolean is(@Nullable SessionEntry<SandboxConnections> entry) {
    return entry != null && entry.sandbox().value().equals(id);
  }
}
