package dev.sandpool.server.engine.remote;

import dev.sandpool.server.engine.EngineEvent;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Events on their way to one listener. Whoever adds one never waits for a listener that does not
 * read: it is hung up on when too many wait, and hears all of it again when it comes back.
 */
final class ToldEvents {
  private static final Logger LOG = LoggerFactory.getLogger(ToldEvents.class);
  private static final int WAITING = 4096;

  private final SocketChannel connection;
  private final BlockingQueue<EngineEvent> waiting = new ArrayBlockingQueue<>(WAITING);

  ToldEvents(SocketChannel connection) {
    this.connection = connection;
  }

  void add(EngineEvent event) {
    if (!waiting.offer(event)) {
      hangUp();
    }
  }

  /** Writes until the connection ends. */
  void write() {
    try {
      while (connection.isOpen()) {
        EngineEvent next = waiting.poll(1, TimeUnit.SECONDS);
        if (next != null) {
          Lines.write(connection, Event.of(next));
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      hangUp();
    } catch (IOException e) {
      LOG.debug("an event was not heard: {}", e.toString());
      hangUp();
    }
  }

  private void hangUp() {
    try {
      connection.close();
    } catch (IOException e) {
      LOG.debug("the listener had hung up itself", e);
    }
  }
}
