package dev.sandpool.server.management;

import dev.sandpool.model.PoolId;
import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.Consumption;
import dev.sandpool.server.ledger.PoolHour;
import dev.sandpool.server.ledger.TooMuchUsageException;
import dev.sandpool.server.ledger.UsageAmounts;
import dev.sandpool.server.ledger.UsageLedger;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/** Usage that a test has put there. */
final class TestUsage implements UsageLedger {
  final List<PoolHour> hours = new CopyOnWriteArrayList<>();
  final AtomicBoolean tooMuch = new AtomicBoolean();

  @Override
  public List<PoolHour> usage(Instant from, Instant to, Duration step) {
    if (tooMuch.get()) {
      throw new TooMuchUsageException(7);
    }
    return hours.stream()
        .filter(hour -> !hour.hour().isBefore(from) && hour.hour().isBefore(to))
        .toList();
  }

  @Override
  public List<SandboxId> metered() {
    return List.of();
  }

  @Override
  public void noteConsumption(Collection<Consumption> seen, Instant now) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void add(Map<PoolId, UsageAmounts> more, Instant now) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void forgetUsage(Instant before) {
    throw new UnsupportedOperationException();
  }
}
