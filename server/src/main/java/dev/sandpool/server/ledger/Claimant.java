package dev.sandpool.server.ledger;

/**
 * Who asks for a claim and is told of it instead of waiting. Told exactly once, on a thread that
 * must neither be blocked nor be thrown at: others wait for it.
 */
public interface Claimant {
  /** What came of it; durable before this is called. */
  void decided(ClaimResult result);

  /**
   * Nothing was decided, and nothing has changed.
   *
   * @param cause a {@link LedgerUnavailableException} if the claim may be tried again
   */
  void failed(RuntimeException cause);
}
