package dev.sandpool.server.pool;

import dev.sandpool.server.ledger.Probe;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * Checks over a connection of its own, as the gateway makes them. Whatever answers is hostile: of
 * an answer no more than the first line is read, and all of it within the probe's timeout.
 */
public final class SocketProbe implements SandboxProbe {
  private static final int MOST_BYTES = 512;
  private static final int LEAST_GOOD = 200;
  private static final int LEAST_BAD = 400;
  private static final Pattern STATUS_LINE = Pattern.compile("HTTP/1\\.[01] ([1-9][0-9]{2})( .*)?");

  private final SSLSocketFactory tls = trustingAll();

  @Override
  public @Nullable String failure(String address, Probe probe) {
    long deadline = System.nanoTime() + Duration.ofSeconds(probe.timeoutSeconds()).toNanos();
    try (var socket = new DeadlineSocket(deadline)) {
      var target = new InetSocketAddress(InetAddress.ofLiteral(address), probe.port());
      socket.connect(target, socket.millisLeft());
      Probe.Http http = probe.http();
      return http == null ? null : ask(socket, address, probe.port(), http);
    } catch (SocketTimeoutException e) {
      return "nothing came within " + probe.timeoutSeconds() + " s";
    } catch (IOException e) {
      return "it cannot be reached: " + e.getMessage();
    }
  }

  private @Nullable String ask(DeadlineSocket plain, String address, int port, Probe.Http http)
      throws IOException {
    Socket socket = http.tls() ? tls.createSocket(plain, address, port, true) : plain;
    OutputStream out = socket.getOutputStream();
    out.write(request(address, port, http));
    out.flush();
    String line = firstLine(socket.getInputStream());
    Matcher status = STATUS_LINE.matcher(line);
    if (!status.matches()) {
      return "it answered, but not HTTP/1";
    }
    int code = Integer.parseInt(status.group(1));
    return code >= LEAST_GOOD && code < LEAST_BAD ? null : "it answered " + code;
  }

  private static byte[] request(String address, int port, Probe.Http http) {
    String host = http.host();
    var text = new StringBuilder("GET " + http.path() + " HTTP/1.1\r\n");
    if (http.headers().stream().noneMatch(header -> header.name().equalsIgnoreCase("Host"))) {
      text.append("Host: ").append(host == null ? address + ":" + port : host).append("\r\n");
    }
    text.append("User-Agent: sandpool-probe\r\nConnection: close\r\n");
    for (Probe.Header header : http.headers()) {
      text.append(header.name()).append(": ").append(header.value()).append("\r\n");
    }
    return text.append("\r\n").toString().getBytes(StandardCharsets.UTF_8);
  }

  private static String firstLine(InputStream in) throws IOException {
    byte[] bytes = new byte[MOST_BYTES];
    int length = 0;
    while (length < bytes.length) {
      int count = in.read(bytes, length, bytes.length - length);
      if (count < 0) {
        break;
      }
      length += count;
      String text = new String(bytes, 0, length, StandardCharsets.ISO_8859_1);
      int end = text.indexOf('\n');
      if (end >= 0) {
        return text.substring(0, end).stripTrailing();
      }
    }
    return "";
  }

  /** The certificate is the tenant's own, and the way to the sandbox is the host's. */
  private static SSLSocketFactory trustingAll() {
    try {
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new Trusting()}, null);
      return context.getSocketFactory();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("TLS is missing from this JDK", e);
    }
  }

  private static final class Trusting implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  /** A socket whose every read ends at one deadline: a byte a second would go on for ever. */
  private static final class DeadlineSocket extends Socket {
    private final long deadlineNanos;

    DeadlineSocket(long deadlineNanos) {
      this.deadlineNanos = deadlineNanos;
    }

    int millisLeft() throws SocketTimeoutException {
      long left = Duration.ofNanos(deadlineNanos - System.nanoTime()).toMillis();
      if (left <= 0) {
        throw new SocketTimeoutException("the probe's time is up");
      }
      return Math.toIntExact(left);
    }

    @Override
    public InputStream getInputStream() throws IOException {
      InputStream in = super.getInputStream();
      return new InputStream() {
        @Override
        public int read() throws IOException {
          setSoTimeout(millisLeft());
          return in.read();
        }

        @Override
        public int read(byte[] bytes, int offset, int length) throws IOException {
          setSoTimeout(millisLeft());
          return in.read(bytes, offset, length);
        }
      };
    }
  }
}
