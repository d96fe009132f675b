package dev.sandpool.e2e;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;

/** TCP ports of loopback. */
public final class Ports {
  private Ports() {}

  /** One that nobody listened at a moment ago. */
  public static int free() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
