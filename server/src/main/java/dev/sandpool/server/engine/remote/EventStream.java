package dev.sandpool.server.engine.remote;

import dev.sandpool.server.engine.EngineEvent;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The events of an engine, listened to again whenever the connection is lost. */
final class EventStream implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(EventStream.class);
  private static final Duration PAUSE = Duration.ofMillis(200);

  private final EngineClient client;
  private final Object lock = new Object();
  private boolean closed;
  private @Nullable SocketChannel connection;
  private @Nullable Consumer<EngineEvent> listener;

  EventStream(EngineClient client) {
    this.client = client;
  }

  /** Begins, or begins anew for another listener; what happened before is told too. */
  void listen(Consumer<EngineEvent> newListener) {
    synchronized (lock) {
      boolean first = listener == null;
      listener = newListener;
      if (first) {
        Thread.ofVirtual().name("engine-events").start(this::run);
      } else {
        hangUp();
      }
    }
  }

  private void run() {
    while (true) {
      try (SocketChannel stream = client.begin(new Call.Listen())) {
        Consumer<EngineEvent> receiver = use(stream);
        var lines = new Lines(stream);
        while (receiver != null) {
          receiver.accept(lines.next(Event.class).value());
        }
        return;
      } catch (IOException e) {
        if (isClosed()) {
          return;
        }
        LOG.warn("the engine's events are lost, listening again: {}", e.toString());
      } catch (RuntimeException e) {
        // The listener failed; this thread has no heir, and the engine tells all of it again.
        LOG.error("an event could not be dealt with, listening again", e);
      }
      LockSupport.parkNanos(PAUSE.toNanos());
    }
  }

  /** Who listens on it; nobody after the end. */
  private @Nullable Consumer<EngineEvent> use(SocketChannel stream) {
    synchronized (lock) {
      connection = stream;
      return closed ? null : listener;
    }
  }

  private boolean isClosed() {
    synchronized (lock) {
      return closed;
    }
  }

  private void hangUp() {
    synchronized (lock) {
      if (connection != null) {
        try {
          connection.close();
        } catch (IOException e) {
          LOG.debug("the events' connection was closed already", e);
        }
      }
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      hangUp();
    }
  }
}
