package dev.sandpool.cli.rest;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/**
 * What the JDK's old client cannot: PATCH, and long bodies, of which the server is asked first
 * whether it wants them, so that its refusal can be read. A class of its own so that nothing else
 * has to load it.
 */
final class NewerClient {
  private NewerClient() {}

  static Http.Answer send(Http.Call call, boolean asksFirst, @Nullable SSLContext trust)
      throws IOException {
    Content body =
        call.body() == null ? Content.bytes("application/json", new byte[0]) : call.body();
    HttpRequest.Builder request =
        HttpRequest.newBuilder(call.uri())
            .method(call.method(), publisher(body))
            .header("Content-Type", body.type())
            .expectContinue(asksFirst);
    if (!asksFirst) {
      request.timeout(Duration.ofMinutes(1));
    }
    call.headers().forEach(request::header);
    // Closing would wait for the client's idle threads; they are daemons and end with the process.
    var builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10));
    var client = (trust == null ? builder : builder.sslContext(trust)).build();
    try {
      var answer = client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
      return new Http.Answer(
          answer.statusCode(),
          name -> answer.headers().firstValue(name).orElse(null),
          answer.body());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted");
    }
  }

  private static BodyPublisher publisher(Content body) {
    if (body.length() == 0) {
      return BodyPublishers.noBody();
    }
    return BodyPublishers.fromPublisher(
        BodyPublishers.ofInputStream(() -> open(body)), body.length());
  }

  private static InputStream open(Content body) {
    try {
      return body.source().open();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
