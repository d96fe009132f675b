package dev.sandpool.server.audit;

import io.netty.channel.epoll.Epoll;
import io.netty.channel.unix.DomainSocketAddress;
import io.netty.channel.unix.Socket;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;

/** Datagrams to a socket of this machine, as {@code /dev/log} is; the JDK has none. */
final class LocalDatagrams implements SyslogLink {
  private final Socket socket;

  LocalDatagrams(Path path) throws IOException {
    if (!Epoll.isAvailable()) {
      throw new IOException(
          path + ": the library for such sockets cannot be loaded", Epoll.unavailabilityCause());
    }
    socket = Socket.newSocketDomainDgram();
    try {
      socket.connect(new DomainSocketAddress(path.toString()));
    } catch (IOException | RuntimeException e) {
      socket.close();
      throw new IOException(path + ": " + e.getMessage(), e);
    }
  }

  @Override
  public void send(byte[] message) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(message.length).put(message);
    if (socket.write(bytes, 0, message.length) != message.length) {
      throw new IOException("the collector does not read");
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
