package dev.sandpool.server.engine.remote;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/**
 * The calling side of the engine's socket. As every call may be repeated, one that is cut off (the
 * engine was killed and starts again) is made anew for as long as the patience lasts.
 */
final class EngineClient {
  private static final Duration PAUSE = Duration.ofMillis(10);

  private final Path socket;
  private final Duration patience;

  /** Nobody has listened for as long as the patience lasts. */
  private static final class AwayException extends IOException {
    private static final long serialVersionUID = 1L;

    AwayException(String message, IOException cause) {
      super(message, cause);
    }
  }

  /**
   * @param patience how long a call may wait for an engine that is not there
   */
  EngineClient(Path socket, Duration patience) {
    this.socket = socket;
    this.patience = patience;
  }

  /**
   * Calls and returns the answer.
   *
   * @throws IOException if the engine is away for too long, or the caller was interrupted
   */
  Answer call(Call call) throws IOException {
    long deadline = 0;
    while (true) {
      try (SocketChannel connection = begin(call)) {
        return new Lines(connection).next(Answer.class);
      } catch (ClosedByInterruptException | AwayException e) {
        throw e;
      } catch (IOException cut) {
        long now = System.nanoTime();
        deadline = deadline == 0 ? now + patience.toNanos() : deadline;
        if (now - deadline >= 0 || Thread.currentThread().isInterrupted()) {
          throw cut;
        }
        // An engine that is killed as often as it starts would else be called without a pause.
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }

  /** A connection on which the call is made, its answer still to be read. */
  SocketChannel begin(Call call) throws IOException {
    SocketChannel connection = connect();
    boolean sent = false;
    try {
      Lines.write(connection, call);
      sent = true;
      return connection;
    } finally {
      if (!sent) {
        connection.close();
      }
    }
  }

  private SocketChannel connect() throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      try {
        return SocketChannel.open(UnixDomainSocketAddress.of(socket));
      } catch (ClosedByInterruptException e) {
        throw e;
      } catch (IOException e) {
        if (System.nanoTime() > deadline || Thread.currentThread().isInterrupted()) {
          throw new AwayException(
              "the engine does not answer at " + socket + " (" + e.getMessage() + ")", e);
        }
        LockSupport.parkNanos(PAUSE.toNanos());
      }
    }
  }
}
