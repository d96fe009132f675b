package dev.sandpool.server.audit;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.charset.StandardCharsets;

/** A way to a collector, open until it is closed. */
interface SyslogLink extends AutoCloseable {
  /** Hands over one message; for good where the collector confirms nothing. */
  void send(byte[] message) throws IOException;

  @Override
  void close() throws IOException;

  /**
   * Opens one; blocks.
   *
   * @throws IOException if nobody is there, as far as that can be known
   */
  static SyslogLink open(SyslogAddress address) throws IOException {
    return switch (address) {
      case SyslogAddress.Udp udp -> new Datagrams(new InetSocketAddress(udp.host(), udp.port()));
      case SyslogAddress.Tcp tcp -> new Stream(new InetSocketAddress(tcp.host(), tcp.port()));
      case SyslogAddress.Unix unix -> new LocalDatagrams(unix.socket());
    };
  }

  /** UDP. */
  final class Datagrams implements SyslogLink {
    private final DatagramChannel channel;

    private Datagrams(InetSocketAddress to) throws IOException {
      if (to.isUnresolved()) {
        throw new IOException("there is no host " + to.getHostString());
      }
      channel = DatagramChannel.open();
      try {
        channel.connect(to);
      } catch (IOException | RuntimeException e) {
        channel.close();
        throw e;
      }
    }

    @Override
    public void send(byte[] message) throws IOException {
      channel.write(ByteBuffer.wrap(message));
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }

  /** TCP. */
  final class Stream implements SyslogLink {
    private static final int PATIENCE_MILLIS = 5000;

    private final Socket socket = new Socket();

    private Stream(InetSocketAddress to) throws IOException {
      try {
        socket.connect(to, PATIENCE_MILLIS);
        socket.setSoTimeout(1);
      } catch (IOException | RuntimeException e) {
        socket.close();
        throw e;
      }
    }

    /** Counted by octets. A collector says nothing: what can be read is its end. */
    @Override
    public void send(byte[] message) throws IOException {
      if (hasEnded()) {
        throw new IOException("the collector has closed the connection");
      }
      byte[] length = (message.length + " ").getBytes(StandardCharsets.US_ASCII);
      byte[] framed = new byte[length.length + message.length];
      System.arraycopy(length, 0, framed, 0, length.length);
      System.arraycopy(message, 0, framed, length.length, message.length);
      socket.getOutputStream().write(framed);
    }

    private boolean hasEnded() throws IOException {
      try {
        return socket.getInputStream().read() < 0;
      } catch (SocketTimeoutException e) {
        return false;
      }
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }
}
