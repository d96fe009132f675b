package dev.sandpool.server.pool;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;

/** Whether an application listens. */
@FunctionalInterface
public interface ReadinessProbe {
  /** One try; must come back within a second or so. */
  boolean listens(String address, int port);

  /** Accepts a TCP connection (design: ready). */
  static ReadinessProbe tcp(Duration timeout) {
    return (address, port) -> {
      try (var socket = new Socket()) {
        socket.connect(new InetSocketAddress(address, port), Math.toIntExact(timeout.toMillis()));
        return true;
      } catch (IOException e) {
        return false;
      }
    };
  }
}
