package dev.sandpool.server.gateway;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads the certificate's files again and again, and hands over what is new and good. What is bad
 * is said once and the old one kept: a half-written file must not end TLS. Polled, since a renewal
 * often replaces folders or links, which no watch on a file sees.
 */
public final class TlsReload implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(TlsReload.class);

  private final Vertx vertx;
  private final Path certificate;
  private final Path key;
  private final Supplier<Instant> now;
  private final Consumer<TlsIdentity> renewed;
  private final Thread thread;
  private TlsIdentity current;
  private @Nullable String complaint;

  /**
   * @param renewed told of each new one; may block
   */
  public TlsReload(
      Vertx vertx,
      Path certificate,
      Path key,
      TlsIdentity current,
      Supplier<Instant> now,
      Consumer<TlsIdentity> renewed,
      Duration every) {
    this.vertx = vertx;
    this.certificate = certificate;
    this.key = key;
    this.current = current;
    this.now = now;
    this.renewed = renewed;
    this.thread = Thread.ofVirtual().name("tls-reload").start(() -> run(every));
  }

  private void run(Duration every) {
    try {
      while (true) {
        Thread.sleep(every);
        look();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void look() {
    try {
      TlsIdentity found = TlsIdentity.read(vertx, certificate, key, now.get());
      complaint = null;
      if (!found.isSameAs(current)) {
        renewed.accept(found);
        current = found;
        log.info("the certificate was renewed: {}", found);
      }
    } catch (IOException | RuntimeException e) {
      String says = String.valueOf(e.getMessage());
      if (!says.equals(complaint)) {
        log.warn("the certificate that is in use stays: {}", says);
        complaint = says;
      }
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
