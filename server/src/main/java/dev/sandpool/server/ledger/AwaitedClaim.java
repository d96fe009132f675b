package dev.sandpool.server.ledger;

import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** A claim whose caller waits for its outcome. */
public final class AwaitedClaim implements Claimant {
  private final Consumer<ClaimResult> first;
  private final CountDownLatch done = new CountDownLatch(1);
  private @Nullable ClaimResult result;
  private @Nullable RuntimeException failure;

  /**
   * @param first told of the outcome before the caller is, where a {@link Claimant} is told
   */
  public AwaitedClaim(Consumer<ClaimResult> first) {
    this.first = first;
  }

  @Override
  public void decided(ClaimResult outcome) {
    try {
      first.accept(outcome);
      result = outcome;
    } catch (RuntimeException e) {
      failure = e;
    }
    done.countDown();
  }

  @Override
  public void failed(RuntimeException cause) {
    failure = cause;
    done.countDown();
  }

  /**
   * Waits for the outcome, also when interrupted: the claim may be committed already, and a caller
   * who left would leave a claimed sandbox to nobody.
   */
  public ClaimResult await() {
    boolean interrupted = false;
    while (true) {
      try {
        done.await();
        break;
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
    if (failure != null) {
      throw failure;
    }
    if (result == null) {
      throw new IllegalStateException("a claim has no outcome");
    }
    return result;
  }
}
