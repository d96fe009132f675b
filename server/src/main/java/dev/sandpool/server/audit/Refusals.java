package dev.sandpool.server.audit;

import dev.sandpool.server.audit.AuditEvent.Kind;
import dev.sandpool.server.audit.AuditEvent.Result;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Accesses without the right to them. Of each address so many a minute are noted one by one and the
 * rest as a number: whoever guesses must not be able to fill the disk. Thread-safe.
 */
public final class Refusals {
  private static final int EACH = 20;
  private static final int MOST_ADDRESSES = 10_000;
  private static final String OTHERS = "others";

  private final Audit audit;
  private final Map<String, Integer> seen = new HashMap<>();
  private long minute;

  public Refusals(Audit audit) {
    this.audit = audit;
  }

  /**
   * Notes one; at once, also from an event loop.
   *
   * @param actor who asked; null: not known
   */
  public void note(
      Instant time,
      String action,
      @Nullable String actor,
      @Nullable String from,
      String resource,
      String request,
      String code) {
    if (isCounted(time, from == null ? OTHERS : from)) {
      return;
    }
    audit.note(
        AuditEvent.of(time, Kind.REFUSAL, action, Result.REFUSED)
            .by(actor, from)
            .on(resource, null)
            .in(request)
            .because(code));
  }

  private synchronized boolean isCounted(Instant time, String from) {
    long now = time.getEpochSecond() / 60;
    if (now != minute) {
      tell(time);
      minute = now;
    }
    String address = seen.size() < MOST_ADDRESSES || seen.containsKey(from) ? from : OTHERS;
    return seen.merge(address, 1, Integer::sum) > EACH;
  }

  /** With the first refusal of a later minute: until then nobody wants to know. */
  private void tell(Instant time) {
    seen.forEach(
        (address, count) -> {
          if (count > EACH) {
            audit.note(
                AuditEvent.of(time, Kind.REFUSAL, "more", Result.REFUSED)
                    .by(null, address)
                    .with(Map.of("refusals", Integer.toString(count - EACH))));
          }
        });
    seen.clear();
  }
}
