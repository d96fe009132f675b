package dev.sandpool.server.export;

import dev.sandpool.server.certs.TrustedAuthority;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.zip.GZIPOutputStream;

/** One path of a receiver, which compressed bodies are posted to, one after the other. */
final class Receiver implements AutoCloseable {
  private static final Duration CONNECT = Duration.ofSeconds(10);
  private static final int LONGEST_ANSWER = 64 << 10;

  private final ReceiverSettings settings;
  private final String path;
  private final Protocol protocol;
  private final Duration deadline;
  private final HttpClient client;

  private Receiver(
      ReceiverSettings settings,
      String path,
      Protocol protocol,
      Duration deadline,
      HttpClient client) {
    this.settings = settings;
    this.path = path;
    this.protocol = protocol;
    this.deadline = deadline;
    this.client = client;
  }

  /**
   * Connects when something is to be sent.
   *
   * @param deadline for a whole exchange
   * @throws IOException if the authorities cannot be read
   */
  static Receiver open(ReceiverSettings settings, String path, Protocol protocol, Duration deadline)
      throws IOException {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT)
            .followRedirects(HttpClient.Redirect.NEVER);
    if (settings.authorities().isPresent()) {
      try {
        builder.sslContext(TrustedAuthority.of(settings.authorities().get()));
      } catch (GeneralSecurityException e) {
        throw new IOException(
            settings.authorities().get() + " holds no certificates that can be read", e);
      }
    }
    return new Receiver(settings, path, protocol, deadline, builder.build());
  }

  /** Posts a body and waits for what comes of it. Blocks, no longer than the deadline. */
  Answer post(byte[] body) throws InterruptedException {
    CompletableFuture<HttpResponse<byte[]>> exchange;
    try {
      exchange =
          client.sendAsync(
              request(body),
              HttpResponse.BodyHandlers.limiting(
                  HttpResponse.BodyHandlers.ofByteArray(), LONGEST_ANSWER));
    } catch (IOException | IllegalArgumentException e) {
      // Of a file that is not there the message alone is its name.
      return new Answer.Later(Optional.empty(), e.toString());
    }
    try {
      // Of a request's own deadline the JDK's client leaves out the answer's body.
      HttpResponse<byte[]> response = exchange.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
      return protocol.read(response.statusCode(), response.headers(), response.body());
    } catch (TimeoutException e) {
      return new Answer.Later(Optional.empty(), "no answer within " + deadline.toSeconds() + " s");
    } catch (ExecutionException e) {
      Throwable why = e.getCause() == null ? e : e.getCause();
      return new Answer.Later(Optional.empty(), why.toString());
    } finally {
      exchange.cancel(/* mayInterruptIfRunning= */ true);
    }
  }

  private HttpRequest request(byte[] body) throws IOException {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(settings.at(path))
            .header("content-type", protocol.mediaType())
            .header("content-encoding", "gzip")
            .header("user-agent", "sandpool")
            .POST(HttpRequest.BodyPublishers.ofByteArray(zipped(body)));
    settings.headers().forEach(request::setHeader);
    if (settings.headersFile().isPresent()) {
      for (Map.Entry<String, String> it : HeadersFile.read(settings.headersFile().get())) {
        request.setHeader(it.getKey(), it.getValue());
      }
    }
    return request.build();
  }

  private static byte[] zipped(byte[] body) {
    var bytes = new ByteArrayOutputStream(body.length / 4 + 64);
    try (var zip = new GZIPOutputStream(bytes)) {
      zip.write(body);
    } catch (IOException e) {
      throw new UncheckedIOException("in memory", e);
    }
    return bytes.toByteArray();
  }

  @Override
  public String toString() {
    return settings.at(path).toString();
  }

  @Override
  public void close() {
    client.shutdownNow();
  }
}
