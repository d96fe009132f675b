package dev.sandpool.bench;

import dev.sandpool.bench.Proxies.Proxy;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** What thousands of WebSockets that say nothing take. */
final class IdleWebSockets implements Scenario {
  private static final int WANTED = 10_000;

  /** A masked text of one letter. */
  private static final byte[] HELLO = {(byte) 0x81, (byte) 0x81, 0, 0, 0, 0, 'x'};

  @Override
  public String name() {
    return "websockets";
  }

  @Override
  public String title() {
    return "Idle WebSockets";
  }

  @Override
  public String method() {
    return """
    %,d WebSockets over %d sessions, or as many as the limit of open files lets the gateway have, which needs two for \
    each; nothing moves for 60 s. Then the resident memory of the JVM is read (`VmRSS`), and each WebSocket sends a \
    message and must get it back.\
    """
        .formatted(WANTED, SessionPeers.SESSIONS);
  }

  @Override
  public boolean onServer() {
    return false;
  }

  @Override
  public List<Figure> run(Bench bench) throws Exception {
    Path folder = bench.folder("websockets");
    int count = bench.pick(500, Math.min(WANTED, (openFiles() - 300) / 2));
    Child echo =
        bench
            .cleanup()
            .add(
                Child.start(
                    "echo",
                    folder,
                    List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EchoServer.class.getName())));
    int backend = Integer.parseInt(echo.await("ready ", Duration.ofSeconds(60)));
    Proxy sandpool = Proxies.sandpool(bench, folder, backend, List.of(ProxyServer.LOG));
    String token = Files.readString(folder.resolve("token"));
    double before = Memory.resident(sandpool.process().pid());
    List<Socket> sockets = new ArrayList<>();
    try {
      List<String> identifiers = SessionPeers.identifiers();
      while (sockets.size() < count) {
        String identifier = identifiers.get(sockets.size() % identifiers.size());
        try {
          sockets.add(open(sandpool.port(), token, identifier));
        } catch (IOException e) {
          throw new IOException("no WebSocket beside " + sockets.size() + " others", e);
        }
      }
      bench.say(count + " are open");
      Thread.sleep(Duration.ofSeconds(bench.pick(3, 60)));
      double resident = Memory.resident(sandpool.process().pid());
      int dropped = 0;
      for (Socket socket : sockets) {
        dropped += answers(socket) ? 0 : 1;
      }
      return List.of(
          Figure.atMost("resident with %,d of them".formatted(count), resident, 300, " MB"),
          Figure.plain("resident before", Figure.number(before) + " MB"),
          Figure.atMost("dropped", dropped, 0, ""));
    } finally {
      for (Socket socket : sockets) {
        socket.close();
      }
    }
  }

  private static Socket open(int port, String token, String identifier) throws IOException {
    var socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(30_000);
    socket
        .getOutputStream()
        .write(
            ("GET %s/ws?identifier=%s HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer %s\r\n"
                        .formatted(ProxyServer.BASE, identifier, token)
                    + "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                    + "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
    var head = new StringBuilder();
    while (!head.toString().endsWith("\r\n\r\n")) {
      int next = socket.getInputStream().read();
      if (next < 0) {
        throw new IOException("no upgrade: " + head);
      }
      head.append((char) next);
    }
    if (!head.toString().startsWith("HTTP/1.1 101 ")) {
      throw new IOException("no upgrade: " + head);
    }
    return socket;
  }

  private static boolean answers(Socket socket) {
    try {
      socket.getOutputStream().write(HELLO);
      return Arrays.equals(socket.getInputStream().readNBytes(HELLO.length), HELLO);
    } catch (IOException dropped) {
      return false;
    }
  }

  private static int openFiles() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/limits")).stream()
        .filter(line -> line.startsWith("Max open files"))
        .map(line -> line.split(" +", -1)[4])
        .mapToInt(Integer::parseInt)
        .findFirst()
        .orElseThrow();
  }
}
