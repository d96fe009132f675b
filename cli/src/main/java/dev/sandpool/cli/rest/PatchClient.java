package dev.sandpool.cli.rest;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;

/** PATCH by the JDK's newer client; a class of its own so that nothing else has to load it. */
final class PatchClient {
  private PatchClient() {}

  static Http.Answer send(Http.Call call) throws IOException {
    var body = new ByteArrayOutputStream();
    Content content = call.body();
    if (content != null) {
      content.writer().writeTo(body);
    }
    var request =
        HttpRequest.newBuilder(call.uri())
            .method("PATCH", HttpRequest.BodyPublishers.ofByteArray(body.toByteArray()))
            .header("Content-Type", content == null ? "application/json" : content.type())
            .timeout(Duration.ofMinutes(1));
    call.headers().forEach(request::header);
    // Closing would wait for the client's idle threads; they are daemons and end with the process.
    var client =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(10))
            .build();
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
}
