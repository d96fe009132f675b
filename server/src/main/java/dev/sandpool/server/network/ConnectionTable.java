package dev.sandpool.server.network;

import dev.sandpool.server.linux.NetlinkMessage;
import dev.sandpool.server.linux.NetlinkSocket;
import dev.sandpool.server.linux.Syscalls;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * The kernel's table of IPv4 connections of one network namespace (ctnetlink). To look through it
 * costs about a millisecond however few entries it has.
 */
final class ConnectionTable implements AutoCloseable {
  private static final int GET = 1 << 8 | 1;
  private static final int DELETE = 1 << 8 | 2;
  private static final int AF_INET = 2;
  private static final int FIXED_PART = 4;
  private static final int TYPE = 0x3fff;
  private static final int CTA_TUPLE_ORIG = 1;
  private static final int CTA_ID = 12;
  private static final int CTA_ZONE = 18;
  private static final int CTA_TUPLE_IP = 1;
  private static final int CTA_IP_V4_SRC = 1;
  private static final int CTA_IP_V4_DST = 2;

  private final NetlinkSocket socket;

  private ConnectionTable(NetlinkSocket socket) {
    this.socket = socket;
  }

  /** That of the namespace in which the calling thread is. */
  static ConnectionTable open() throws IOException {
    return new ConnectionTable(NetlinkSocket.open(NetlinkSocket.NETFILTER));
  }

  /**
   * A connection as the one who opened it sees it.
   *
   * @param source address of the side that sent the first packet
   * @param destination to which it was sent
   */
  record Connection(String source, String destination) {}

  /**
   * Makes the kernel forget every connection that fits.
   *
   * @return how many there were
   */
  int forget(Predicate<Connection> fits) throws IOException {
    List<NetlinkMessage> requests = new ArrayList<>();
    socket.dump(
        new NetlinkMessage(GET, 0).octets(AF_INET, 0, 0, 0),
        entry -> collect(entry, fits, requests),
        "reading the table of connections");
    int forgotten = 0;
    for (NetlinkMessage request : requests) {
      forgotten += delete(request) ? 1 : 0;
    }
    return forgotten;
  }

  private static void collect(
      ByteBuffer entry, Predicate<Connection> fits, List<NetlinkMessage> requests) {
    entry.position(FIXED_PART);
    Map<Integer, ByteBuffer> attributes = attributes(entry);
    @Nullable ByteBuffer tuple = attributes.get(CTA_TUPLE_ORIG);
    if (tuple == null || !fits.test(connection(tuple))) {
      return;
    }
    var request = new NetlinkMessage(DELETE, 0).octets(AF_INET, 0, 0, 0);
    // The number keeps a later connection between the same ends from being taken for this one.
    for (int type : List.of(CTA_TUPLE_ORIG, CTA_ID, CTA_ZONE)) {
      @Nullable ByteBuffer value = attributes.get(type);
      if (value != null) {
        request.attribute(type, bytes(value));
      }
    }
    requests.add(request);
  }

  private boolean delete(NetlinkMessage request) throws IOException {
    try {
      socket.request(request, "forgetting a connection");
      return true;
    } catch (Syscalls.SyscallException e) {
      if (e.errno() == Syscalls.ENOENT) {
        return false;
      }
      throw e;
    }
  }

  private static Connection connection(ByteBuffer tuple) {
    Map<Integer, ByteBuffer> ends =
        attributes(attributes(tuple).getOrDefault(CTA_TUPLE_IP, ByteBuffer.allocate(0)));
    return new Connection(address(ends.get(CTA_IP_V4_SRC)), address(ends.get(CTA_IP_V4_DST)));
  }

  private static String address(@Nullable ByteBuffer four) {
    if (four == null || four.remaining() != 4) {
      return "";
    }
    try {
      return InetAddress.getByAddress(bytes(four)).getHostAddress();
    } catch (java.net.UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  private static Map<Integer, ByteBuffer> attributes(ByteBuffer from) {
    Map<Integer, ByteBuffer> found = new HashMap<>();
    int at = from.position();
    while (from.limit() - at >= 4) {
      int length = Short.toUnsignedInt(from.getShort(at));
      if (length < 4 || length > from.limit() - at) {
        throw new IllegalStateException("an attribute of " + length + " bytes");
      }
      ByteBuffer value = from.slice(at + 4, length - 4).order(from.order());
      found.put(from.getShort(at + 2) & TYPE, value);
      at += length + 3 & ~3;
    }
    return found;
  }

  private static byte[] bytes(ByteBuffer value) {
    byte[] bytes = new byte[value.remaining()];
    value.get(value.position(), bytes);
    return bytes;
  }

  @Override
  public void close() {
    socket.close();
  }
}
