package dev.sandpool.server.audit;

/** Where it is noted who did what. Thread-safe. */
public interface Audit {
  /** For what needs no record: parts under test. */
  Audit NONE =
      new Audit() {
        @Override
        public void record(AuditEvent event) {}

        @Override
        public void attempt(AuditEvent event) {}

        @Override
        public void note(AuditEvent event) {}
      };

  /**
   * Records an event; returns when it is durable.
   *
   * @throws AuditUnavailableException if it cannot be recorded: then what it tells of must not be
   *     done, or not be acknowledged
   */
  void record(AuditEvent event);

  /**
   * The same for what is done all the same: what cannot be recorded now is as soon as it can be.
   */
  void attempt(AuditEvent event);

  /** Leaves an event to be recorded soon; at once, also from an event loop. */
  void note(AuditEvent event);
}
