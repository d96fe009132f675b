package dev.sandpool.cli.rest;

import dev.sandpool.cli.Failure;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Sends requests over the JDK's old client, which starts up in a tenth of the time of the new one;
 * only PATCH, which the old one refuses, goes over the new one.
 */
public final class Http {
  private static final int CONNECT_MILLIS = 10_000;
  private static final int READ_MILLIS = 60_000;

  private final @Nullable PrintStream trace;

  /**
   * @param trace where --debug writes method, address and status; bodies and tokens never
   */
  public Http(@Nullable PrintStream trace) {
    this.trace = trace;
    // The old client would send a POST a second time by itself when the connection breaks.
    System.setProperty("sun.net.http.retryPost", "false");
  }

  /** A request. */
  public record Call(String method, URI uri, Map<String, String> headers, @Nullable String body) {}

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
    Answer answer =
        call.method().equals("PATCH") ? PatchClient.send(call) : exchange(call, readMillis);
    if (trace != null) {
      String address = call.uri().toString().replaceAll("identifier=[^&]*", "identifier=***");
      trace.println("DEBUG: " + call.method() + " " + address + " -> " + answer.status());
    }
    return answer;
  }

  private static Answer exchange(Call call, int readMillis) throws IOException {
    HttpURLConnection connection = open(call.uri());
    connection.setRequestMethod(call.method());
    connection.setConnectTimeout(CONNECT_MILLIS);
    connection.setReadTimeout(readMillis);
    connection.setInstanceFollowRedirects(false);
    connection.setUseCaches(false);
    call.headers().forEach(connection::setRequestProperty);
    String text = call.body();
    if (text != null) {
      byte[] body = text.getBytes(StandardCharsets.UTF_8);
      connection.setDoOutput(true);
      connection.setFixedLengthStreamingMode(body.length);
      try (var out = connection.getOutputStream()) {
        out.write(body);
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
