package dev.sandpool.server.management;

import dev.sandpool.model.SandboxId;
import dev.sandpool.server.ledger.Consumption;
import dev.sandpool.server.ledger.PoolHour;
import dev.sandpool.server.ledger.TooMuchUsageException;
import dev.sandpool.server.ledger.Traffic;
import dev.sandpool.server.ledger.UsageLedger;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/** Usage that a test has put there. */
final class TestUsage implements UsageLedger {
  final List<PoolHour> hours = new CopyOnWriteArrayList<>();
  final List<PoolHour> ofSandboxes = new CopyOnWriteArrayList<>();
  final AtomicBoolean tooMuch = new AtomicBoolean();

  @Override
  public List<PoolHour> usage(Instant from, Instant to, Duration step) {
    if (tooMuch.get()) {
      throw new TooMuchUsageException(7);
    }
    return between(hours, from, to);
  }

  @Override
  public List<PoolHour> usageOfSandboxes(Instant from, Instant to, Duration step) {
    return between(ofSandboxes, from, to);
  }

  private static List<PoolHour> between(List<PoolHour> hours, Instant from, Instant to) {
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
  public void noteTraffic(Collection<Traffic> seen, Instant now) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void forgetUsage(Instant before) {
    throw new UnsupportedOperationException();
  }

  @Override
  public void forgetSandboxUsage(Instant before) {
    throw new UnsupportedOperationException();
  }
}
