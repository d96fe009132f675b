package dev.sandpool.bench;

import dev.sandpool.bench.Proxies.Proxy;
import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** How fast one large body goes through, against nginx. */
final class BulkTransfer implements Scenario {
  private static final int PIECE = 256 * 1024;
  private static final int WARM_UP = 3;
  private static final String DOWN = "download";
  private static final List<String> WAYS = List.of(DOWN, "upload");

  @Override
  public String name() {
    return "bulk";
  }

  @Override
  public String title() {
    return "Large bodies";
  }

  @Override
  public String method() {
    return """
    One caller downloads 1 GiB of known length and uploads as much, over plain TCP, through nginx, configured as for \
    the same work, and through Sandpool in turn; the other end is a program that only sends or counts. The caller and \
    that program share the two cores with the proxy. Medians of the rounds; the first %d of each are not counted: until \
    then Sandpool's JVM compiles what they use. *Processor time* is user and system time of all threads of the proxy's \
    processes, on which what others do on the machine has less of an effect.\
    """
        .formatted(WARM_UP);
  }

  @Override
  public boolean onServer() {
    return false;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    long length = bench.pick(64, 1024) * 1024L * 1024;
    Path folder = bench.folder("bulk");
    try (var end = new End(length)) {
      var peers = new SessionPeers(bench, folder, end.port(), false);
      List<Proxy> proxies = List.of(peers.nginx(), peers.sandpool());
      String token = Files.readString(folder.resolve("token"));
      var speeds = new Series();
      var processor = new Series();
      for (int i = -bench.pick(1, WARM_UP); i < bench.pick(1, 5); i++) {
        for (Proxy proxy : proxies) {
          for (String way : WAYS) {
            double before = Cpu.seconds(proxy.process().family());
            double speed =
                way.equals(DOWN) ? download(proxy, token, length) : upload(proxy, token, length);
            if (i >= 0) {
              String name = way + ", " + proxy.name();
              speeds.add(name, speed);
              processor.add(name, 1000 * (Cpu.seconds(proxy.process().family()) - before));
            }
          }
        }
      }
      return figures(speeds, processor);
    }
  }

  private static List<Figure> figures(Series speeds, Series processor) {
    List<Figure> figures = new ArrayList<>();
    for (String way : WAYS) {
      figures.add(Figure.atLeast(way + " of 1 GiB, of nginx's speed", share(speeds, way), 0.9, ""));
      figures.add(
          Figure.plain(
              way + " of 1 GiB, of nginx's processor time", Figure.number(share(processor, way))));
    }
    for (String name : speeds.names()) {
      figures.add(
          Figure.plain(
              name + ", MB/s / ms of processor time",
              speeds.of(name).withRange() + " / " + processor.of(name).withRange()));
    }
    return figures;
  }

  private static double share(Series series, String way) {
    return series.of(way + ", sandpool").median() / series.of(way + ", nginx").median();
  }

  private static double download(Proxy proxy, String token, long length) throws IOException {
    long begin = System.nanoTime();
    try (var socket = connect(proxy, "GET", token, "")) {
      InputStream in = new BufferedInputStream(socket.getInputStream(), PIECE);
      head(in);
      drain(in, length);
    }
    return speed(length, begin);
  }

  private static double upload(Proxy proxy, String token, long length) throws IOException {
    long begin = System.nanoTime();
    try (var socket = connect(proxy, "PUT", token, "Content-Length: " + length + "\r\n")) {
      fill(socket.getOutputStream(), length);
      head(new BufferedInputStream(socket.getInputStream()));
    }
    return speed(length, begin);
  }

  private static double speed(long length, long begin) {
    return length / 1e6 / ((System.nanoTime() - begin) / 1e9);
  }

  private static Socket connect(Proxy proxy, String method, String token, String headers)
      throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), proxy.port());
    socket.setSoTimeout(60_000);
    socket
        .getOutputStream()
        .write(
            (method
                    + " "
                    + ProxyServer.BASE
                    + "/bulk?identifier=bench-000001 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                    + "Authorization: Bearer "
                    + token
                    + "\r\n"
                    + headers
                    + "\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    return socket;
  }

  /** The length of the body that follows. */
  private static long head(InputStream in) throws IOException {
    String first = line(in);
    if (first.startsWith("HTTP/") && !first.contains(" 200 ")) {
      throw new IOException(first);
    }
    long length = 0;
    for (String line = line(in); !line.isEmpty(); line = line(in)) {
      String lower = line.toLowerCase(Locale.ROOT);
      if (lower.startsWith("content-length:")) {
        length = Long.parseLong(lower.substring("content-length:".length()).strip());
      }
    }
    return length;
  }

  private static String line(InputStream in) throws IOException {
    var line = new StringBuilder();
    for (int next = in.read(); next != '\n'; next = in.read()) {
      if (next < 0) {
        throw new EOFException("no whole head");
      }
      line.append((char) next);
    }
    return line.toString().strip();
  }

  private static void drain(InputStream in, long length) throws IOException {
    byte[] buffer = new byte[PIECE];
    for (long left = length; left > 0; ) {
      int read = in.read(buffer, 0, (int) Math.min(left, PIECE));
      if (read < 0) {
        throw new EOFException(left + " bytes are missing");
      }
      left -= read;
    }
  }

  private static void fill(OutputStream out, long length) throws IOException {
    byte[] buffer = new byte[PIECE];
    for (long left = length; left > 0; left -= PIECE) {
      out.write(buffer, 0, (int) Math.min(left, PIECE));
    }
  }

  /** What stands behind the proxies: sends the body, or takes one in. */
  private static final class End implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 64, InetAddress.getLoopbackAddress());
    private final long length;

    End(long length) throws IOException {
      this.length = length;
      Thread.ofPlatform().daemon().start(this::accept);
    }

    int port() {
      return listener.getLocalPort();
    }

    private void accept() {
      try {
        while (true) {
          Socket socket = listener.accept();
          Thread.ofPlatform().daemon().start(() -> serve(socket));
        }
      } catch (IOException closed) {
        // The scenario is over.
      }
    }

    private void serve(Socket socket) {
      try (socket) {
        InputStream in = new BufferedInputStream(socket.getInputStream(), PIECE);
        OutputStream out = socket.getOutputStream();
        while (true) {
          long incoming = head(in);
          drain(in, incoming);
          long answer = incoming > 0 ? 0 : length;
          out.write(
              ("HTTP/1.1 200 OK\r\nContent-Length: " + answer + "\r\n\r\n")
                  .getBytes(StandardCharsets.US_ASCII));
          fill(out, answer);
        }
      } catch (IOException left) {
        // The proxy closes when it has no more use for the connection.
      }
    }

    @Override
    public void close() throws IOException {
      listener.close();
    }
  }
}
