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
  private @Nullable Thread thread;

  EventStream(EngineClient client) {
    this.client = client;
  }

  /** Begins; what happened before is told too. */
  void listen(Consumer<EngineEvent> listener) {
    synchronized (lock) {
      if (thread != null) {
        throw new IllegalStateException("somebody listens already");
      }
      thread = Thread.ofVirtual().name("engine-events").start(() -> run(listener));
    }
  }

  private void run(Consumer<EngineEvent> listener) {
    while (true) {
      try (SocketChannel stream = client.begin(new Call.Listen())) {
        if (!use(stream)) {
          return;
        }
        var lines = new Lines(stream);
        while (true) {
          listener.accept(lines.next(Event.class).value());
        }
      } catch (IOException e) {
        synchronized (lock) {
          if (closed) {
            return;
          }
        }
        LOG.warn("the engine's events are lost, listening again: {}", e.toString());
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  private boolean use(SocketChannel stream) {
    synchronized (lock) {
      connection = stream;
      return !closed;
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
      if (connection != null) {
        try {
          connection.close();
        } catch (IOException e) {
          LOG.debug("the events' connection was closed already", e);
        }
      }
    }
  }
}
