package dev.sandpool.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;

/**
 * A process that takes any upgrade and then sends back whatever it gets, for thousands of
 * connections on one thread.
 */
public final class EchoServer {
  private static final byte[] SWITCHING =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
          .getBytes(StandardCharsets.US_ASCII);

  private EchoServer() {}

  /** Prints {@code ready PORT} and serves until it is ended. */
  public static void main(String[] args) throws IOException {
    try (Selector selector = Selector.open();
        ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 4096);
      listener.configureBlocking(false);
      listener.register(selector, SelectionKey.OP_ACCEPT);
      System.out.println("ready " + listener.socket().getLocalPort());
      ByteBuffer buffer = ByteBuffer.allocateDirect(16_384);
      while (true) {
        selector.select(
            key -> {
              if (key.isAcceptable()) {
                accept(listener, selector);
              } else {
                echo(key, buffer);
              }
            });
      }
    }
  }

  private static void accept(ServerSocketChannel listener, Selector selector) {
    try {
      SocketChannel channel = listener.accept();
      if (channel != null) {
        channel.configureBlocking(false);
        channel.register(selector, SelectionKey.OP_READ);
      }
    } catch (IOException e) {
      throw new IllegalStateException("no connection can be taken", e);
    }
  }

  /** The first bytes are the head of a request, which comes in one piece on loopback. */
  private static void echo(SelectionKey key, ByteBuffer buffer) {
    try {
      var channel = (SocketChannel) key.channel();
      buffer.clear();
      if (channel.read(buffer) < 0) {
        channel.close();
        return;
      }
      if (key.attachment() == null) {
        key.attach(true);
        buffer.clear().put(SWITCHING);
      }
      buffer.flip();
      while (buffer.hasRemaining()) {
        channel.write(buffer);
      }
    } catch (IOException left) {
      key.cancel();
    }
  }
}
