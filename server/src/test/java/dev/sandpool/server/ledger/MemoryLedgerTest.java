package dev.sandpool.server.ledger;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class MemoryLedgerTest extends LedgerContract {
  @Override
  protected Ledger open() {
    return new MemoryLedger();
  }

  @Test
  void madeUnwritableChangesNothing() {
    var ledger = (MemoryLedger) ledger();
    PoolRecord pool = putPool(1, 5);
    ready(1, pool);
    ledger.setWritable(false);
    assertThatThrownBy(() -> claim(pool, "user-1")).isInstanceOf(LedgerUnavailableException.class);
    ledger.setWritable(true);
    claimed(pool, "user-1");
  }
}
