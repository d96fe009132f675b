package dev.sandpool.cli.rest;

import dev.sandpool.cli.Failure;
import dev.sandpool.cli.Shell;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import javax.net.ssl.HttpsURLConnection;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests over the JDK's old client, which starts up in a tenth of the time of the new one;
 * only what the old one cannot goes over the new one.
 */
public final class Http {
  private static final int CONNECT_MILLIS = 10_000;
  private static final int READ_MILLIS = 60_000;
  private static final int LONG_BODY = 1 << 20;
  private static final List<String> TOLD =
      List.of(
          "x-ms-request-id",
          "sandpool-request-id",
          "sandpool-allocation-time-ms",
          "x-ms-error-code",
          "Retry-After",
          "Azure-AsyncOperation",
          "Location");

  private final Shell shell;
  private final Trace trace;

  /** How much is told about requests; bodies, tokens and identifiers never are. */
  public enum Trace {
    NONE,
    /** Method, address, status. */
    LINES,
    /** Also times and the answers' headers. */
    HEADERS
  }

  public Http(Shell shell, Trace trace) {
    this.shell = shell;
    this.trace = trace;
    // The old client would send a POST a second time by itself when the connection breaks.
    System.setProperty("sun.net.http.retryPost", "false");
  }

  /** A request. */
  public record Call(String method, URI uri, Map<String, String> headers, @Nullable Content body) {}

  /** An answer whose body is still to be read; the reader closes it. */
  public record Answer(int status, Header header, InputStream body) implements AutoCloseable {
    /** The whole body as text. */
    public String text() throws IOException {
      try (body) {
        return new String(body.readAllBytes(), StandardCharsets.UTF_8);
      }
    }

    @Override
    public void close() throws IOException {
      body.close();
    }
  }

  /** The answer's headers by name. */
  @FunctionalInterface
  public interface Header {
    /** The value, case of the name ignored. */
    @Nullable String get(String name);
  }

  /** Sends and waits for the head of the answer; at most a minute between two pieces. */
  public Answer send(Call call) throws IOException {
    return traced(call, READ_MILLIS);
  }

  /** Sends, for a body that may be silent as long as it likes. */
  public Answer stream(Call call) throws IOException {
    return traced(call, 0);
  }

  private Answer traced(Call call, int readMillis) throws IOException {
    long started = shell.clock().millis();
    Content body = call.body();
    boolean isLong = body != null && body.length() > LONG_BODY;
    Answer answer =
        isLong || call.method().equals("PATCH")
            ? NewerClient.send(call, isLong, Trust.of(shell))
            : exchange(call, readMillis);
    if (trace != Trace.NONE) {
      tell(call, answer, shell.clock().millis() - started);
    }
    return answer;
  }

  private void tell(Call call, Answer answer, long millis) {
    String address = call.uri().toString().replaceAll("identifier=[^&]*", "identifier=***");
    String line = call.method() + " " + address + " -> " + answer.status();
    if (trace == Trace.LINES) {
      shell.err().println("INFO: " + line);
      return;
    }
    shell.err().println("DEBUG: " + line + " in " + millis + " ms");
    for (String name : TOLD) {
      @Nullable String value = answer.header().get(name);
      if (value != null) {
        shell.err().println("DEBUG:   " + name + ": " + value);
      }
    }
  }

  private Answer exchange(Call call, int readMillis) throws IOException {
    HttpURLConnection connection = open(call.uri());
    if (connection instanceof HttpsURLConnection secure) {
      @Nullable SSLContext trust = Trust.of(shell);
      if (trust != null) {
        secure.setSSLSocketFactory(trust.getSocketFactory());
      }
    }
    connection.setRequestMethod(call.method());
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(readMillis);
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    call.headers().forEach(connection::setRequestProperty);
    Content body = call.body();
    if (body != null) {
      connection.setDoOutput(true);
      connection.setFixedLengthStreamingMode(body.length());
      connection.setRequestProperty("Content-Type", body.type());
      try (var out = connection.getOutputStream();
          var in = body.source().open()) {
        in.transferTo(out);
      }
    }
    int status = connection.getResponseCode();
    @Nullable InputStream in =
        status >= 400 ? connection.getErrorStream() : connection.getInputStream();
    return new Answer(
        status, connection::getHeaderField, in == null ? InputStream.nullInputStream() : in);
  }

  private static HttpURLConnection open(URI uri) throws IOException {
    try {
      if (uri.toURL().openConnection() instanceof HttpURLConnection http) {
        return http;
      }
    } catch (MalformedURLException | IllegalArgumentException e) {
      throw notHttp(uri, e);
    }
    throw notHttp(uri, null);
  }

  private static Failure notHttp(URI uri, @Nullable Exception cause) {
    var failure =
        Failure.error("InvalidEndpoint", "'" + uri + "' is not an address of http or https");
    if (cause != null) {
      failure.initCause(cause);
    }
    return failure;
  }

  /** What to tell a person whose request did not get through. */
  public static Failure unreachable(URI uri, Context context, IOException cause) {
    String reason =
        switch (cause) {
          case ConnectException e -> "connection refused";
          case UnknownHostException e -> "no such host";
          default -> String.valueOf(cause.getMessage());
        };
    var failure =
        Failure.error(
            "ServerUnreachable",
            "no answer from " + uri.getScheme() + "://" + uri.getAuthority() + ": " + reason,
            "Start the server with 'sandpool serve',",
            "or let SANDPOOL_CONTEXT name the context file of the server that you mean",
            "(now: " + context.file() + ").");
    failure.initCause(cause);
    return failure;
  }
}
