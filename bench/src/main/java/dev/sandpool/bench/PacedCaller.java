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
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * The same request at fixed times over kept connections. Its one thread never sleeps, so that it
 * does not measure its own waking, unless it is told that a millisecond does not matter. Each
 * request is timed from when it was due until the last byte of its answer is read.
 */
final class PacedCaller {
  private static final byte[] GOOD = bytes("http/1.1 200");
  private static final byte[] LENGTH = bytes("content-length: ");
  private static final byte[] HEAD_END = bytes("\r\n\r\n");

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

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
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

    /**
     * Read where it lies: what this program leaves to its own garbage collector would be waited for
     * by the answers that it times.
     */
    private int wholeLength() throws IOException {
      int end = indexOf(HEAD_END, read.position());
      if (end < 0) {
        return Integer.MAX_VALUE;
      }
      if (indexOf(GOOD, GOOD.length) != 0) {
        throw new IOException(
            StandardCharsets.ISO_8859_1.decode(read.duplicate().flip()).toString());
      }
      int at = indexOf(LENGTH, end);
      if (at < 0) {
        throw new IOException("an answer without length");
      }
      int length = 0;
      for (int i = at + LENGTH.length; read.get(i) != '\r'; i++) {
        length = 10 * length + read.get(i) - '0';
      }
      return end + HEAD_END.length + length;
    }

    /** Where this stands, letters small or not, before that place; negative: nowhere. */
    private int indexOf(byte[] small, int before) {
      for (int i = 0; i + small.length <= before; i++) {
        int same = 0;
        while (same < small.length && lower(read.get(i + same)) == small[same]) {
          same++;
        }
        if (same == small.length) {
          return i;
        }
      }
      return -1;
    }

    private static int lower(byte octet) {
      return octet >= 'A' && octet <= 'Z' ? octet + ('a' - 'A') : octet;
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
      return run(selector, new ArrayDeque<>(lines), time);
    } finally {
      for (Line line : lines) {
        line.channel.close();
      }
    }
  }

  private Samples run(Selector selector, ArrayDeque<Line> free, Duration time) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocateDirect(request.length).put(request);
    long interval = 1_000_000_000L / perSecond;
    var nanos = new Times((int) (time.toNanos() / interval) + 1);
    long due = System.nanoTime() + interval;
    long end = due + time.toNanos();
    Consumer<SelectionKey> ready =
        key -> {
          if (key.attachment() instanceof Line line && received(line)) {
            nanos.add(System.nanoTime() - line.due);
            free.addLast(line);
          }
        };
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
      if (sleeps) {
        selector.select(ready, 1);
      } else {
        selector.selectNow(ready);
      }
    }
    return nanos.samples();
  }

  /** As many as there can be, in memory that is there before. */
  private static final class Times {
    private final long[] nanos;
    private int count;

    Times(int most) {
      nanos = new long[most];
    }

    void add(long one) {
      nanos[count++] = one;
    }

    Samples samples() {
      return Samples.of(Arrays.stream(nanos, 0, count).mapToObj(one -> one / 1e6).toList());
    }
  }

  private static boolean received(Line line) {
    try {
      return line.receive();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
