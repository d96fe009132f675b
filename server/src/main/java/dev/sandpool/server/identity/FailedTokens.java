package dev.sandpool.server.identity;

import dev.sandpool.server.session.CallerNetwork;
import dev.sandpool.server.session.Rate;
import io.vertx.core.http.HttpServerRequest;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import java.util.function.LongSupplier;

/**
 * How often each address may be wrong about who it is: a bound on the work that guesses make. One
 * try is taken before a token or a secret is examined and given back when it was good, so that it
 * bounds as well how many of an address are examined at once. Tokens that are known cost none.
 *
 * <p>Whoever has a network of IPv6 has one address here. Remembers so many addresses and no more;
 * beyond that, new ones share one bound. Thread-safe, never waits.
 */
public final class FailedTokens {
  private static final long MINUTE = TimeUnit.MINUTES.toNanos(1);
  private static final long BETWEEN_SWEEPS = TimeUnit.SECONDS.toNanos(1);
  private static final int SWEPT_ABOVE = 1024;
  private static final int MOST = 16_384;
  private static final String OTHERS = "others";

  private final int perMinute;
  private final Function<HttpServerRequest, String> addresses;
  private final LongSupplier nanos;
  private final ConcurrentHashMap<String, Rate> rates = new ConcurrentHashMap<>();
  private final AtomicLong swept;

  /**
   * @param perMinute at once, and in each minute
   * @param addresses where a request came from
   */
  public FailedTokens(
      int perMinute, Function<HttpServerRequest, String> addresses, LongSupplier nanos) {
    this.perMinute = perMinute;
    this.addresses = addresses;
    this.nanos = nanos;
    this.swept = new AtomicLong(nanos.getAsLong());
  }

  /** Where that request came from. */
  public String address(HttpServerRequest request) {
    return addresses.apply(request);
  }

  /**
   * Takes a try.
   *
   * @return 0 if there was one, else how many seconds to wait for it
   */
  public int take(String address) {
    long now = nanos.getAsLong();
    sweep(now);
    long wait = rate(address, now).take(now, perMinute, MINUTE);
    return wait == 0 ? 0 : Rate.seconds(wait);
  }

  /** It was good after all. */
  public void giveBack(String address) {
    rate(address, nanos.getAsLong()).giveBack(perMinute, MINUTE);
  }

  private Rate rate(String address, long now) {
    String network = CallerNetwork.of(address);
    boolean room = rates.size() < MOST || rates.containsKey(network);
    return rates.computeIfAbsent(room ? network : OTHERS, _ -> new Rate(now));
  }

  private void sweep(long now) {
    long last = swept.get();
    if (rates.size() > SWEPT_ABOVE
        && now - last > BETWEEN_SWEEPS
        && swept.compareAndSet(last, now)) {
      rates.values().removeIf(rate -> rate.isFull(now));
    }
  }

  int size() {
    return rates.size();
  }
}
