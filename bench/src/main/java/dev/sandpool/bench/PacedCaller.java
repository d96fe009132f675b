package dev.sandpool.bench;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Consumer;

/**
 * The same request at fixed times over kept connections. Its one thread never sleeps, so that it
 * does not measure its own waking, unless it is told that a millisecond does not matter. Each
 * request is timed from when it was due until the last byte of its answer is read.
 */
final class PacedCaller {
  private static final String LENGTH = "content-length: ";

  private final int port;
  private final byte[] request;
  private final int connections;
  private final int perSecond;
  private final boolean sleeps;

  PacedCaller(int port, byte[] request, int connections, int perSecond) {
    this(port, request, connections, perSecond, false);
  }

  /**
   * @param sleeps whether it leaves the processor to others while nothing is due
   */
  PacedCaller(int port, byte[] request, int connections, int perSecond, boolean sleeps) {
    this.sleeps = sleeps;
    this.port = port;
    this.request = request.clone();
    this.connections = connections;
    this.perSecond = perSecond;
  }

  /** One connection, with at most one request under way. */
  private static final class Line {
    private final SocketChannel channel;
    private final ByteBuffer read = ByteBuffer.allocateDirect(128 * 1024);
    private long due;
    private int whole;

    Line(SocketChannel channel) {
      this.channel = channel;
    }

    void send(ByteBuffer bytes, long at) throws IOException {
      due = at;
      whole = Integer.MAX_VALUE;
      read.clear();
      bytes.rewind();
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
    }

    /** Whether the answer is there. */
    boolean receive() throws IOException {
      if (channel.read(read) < 0) {
        throw new IOException("the connection was closed");
      }
      if (whole == Integer.MAX_VALUE) {
        whole = wholeLength();
      }
      return read.position() >= whole;
    }

    private int wholeLength() throws IOException {
      byte[] start = new byte[Math.min(read.position(), 2048)];
      read.duplicate().flip().get(start);
      String text = new String(start, StandardCharsets.ISO_8859_1);
      int end = text.indexOf("\r\n\r\n");
      if (end < 0) {
        return Integer.MAX_VALUE;
      }
      if (!text.startsWith("HTTP/1.1 200")) {
        throw new IOException(text);
      }
      String head = text.substring(0, end + 2).toLowerCase(Locale.ROOT);
      int at = head.indexOf(LENGTH) + LENGTH.length();
      return end + 4 + Integer.parseInt(head.substring(at, head.indexOf('\r', at)));
    }
  }

  /** How long the answers took, in milliseconds. */
  Samples run(Duration time) throws IOException {
    List<Line> lines = new ArrayList<>();
    try (Selector selector = Selector.open()) {
      for (int i = 0; i < connections; i++) {
        SocketChannel channel =
            SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.configureBlocking(false);
        var line = new Line(channel);
        channel.register(selector, SelectionKey.OP_READ, line);
        lines.add(line);
      }
      return Samples.of(run(selector, new ArrayDeque<>(lines), time));
    } finally {
      for (Line line : lines) {
        line.channel.close();
      }
    }
  }

  private List<Double> run(Selector selector, ArrayDeque<Line> free, Duration time)
      throws IOException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(request.length).put(request);
    List<Double> millis = new ArrayList<>();
    long interval = 1_000_000_000L / perSecond;
    long due = System.nanoTime() + interval;
    long end = due + time.toNanos();
    while (due < end || free.size() < connections) {
      long now = System.nanoTime();
      if (now > end + 30_000_000_000L) {
        throw new IOException("no answer for 30 s");
      }
      while (due <= now && due < end && !free.isEmpty()) {
        Line line = free.removeFirst();
        line.send(bytes, due);
        due += interval;
      }
      Consumer<SelectionKey> ready =
          key -> {
            if (key.attachment() instanceof Line line && received(line)) {
              millis.add((System.nanoTime() - line.due) / 1e6);
              free.addLast(line);
            }
          };
      if (sleeps) {
        selector.select(ready, 1);
      } else {
        selector.selectNow(ready);
      }
    }
    return millis;
  }

  private static boolean received(Line line) {
    try {
      return line.receive();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
