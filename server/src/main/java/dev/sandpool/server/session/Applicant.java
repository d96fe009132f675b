package dev.sandpool.server.session;

/**
 * Who asks for a session without waiting for it. Told exactly once, by one of these calls, perhaps
 * before the asking returns; on a thread that others wait for, so none may block or throw.
 *
 * @param <U> what the gateway keeps for a sandbox
 */
public interface Applicant<U extends Upstream> {
  /** What came of it; a claim is durable. */
  void settled(Allocation<U> result);

  /** Only who waits may have it: {@code Sessions.allocate} with a deadline does. */
  void mustWait();

  /**
   * Nothing was allocated.
   *
   * @param cause {@link dev.sandpool.server.ledger.LedgerUnavailableException} if no claim can be
   *     recorded now
   */
  void failed(RuntimeException cause);
}
