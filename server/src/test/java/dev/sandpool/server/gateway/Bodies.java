package dev.sandpool.server.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** Reads bodies of requests as a sandbox does. */
final class Bodies {
  private Bodies() {}

  /** The body, by length or chunks; empty without either. */
  static String read(StubSandbox.Request request, InputStream in) throws IOException {
    if (!request.header("Content-Length").isEmpty()) {
      int length = Integer.parseInt(request.header("Content-Length").getFirst());
      return new String(in.readNBytes(length), StandardCharsets.ISO_8859_1);
    }
    var body = new StringBuilder();
    if (!request.header("Transfer-Encoding").isEmpty()) {
      String size = StubSandbox.readLine(in);
      while (size != null && !size.equals("0")) {
        byte[] chunk = in.readNBytes(Integer.parseInt(size, 16));
        body.append(new String(chunk, StandardCharsets.ISO_8859_1));
        StubSandbox.readLine(in);
        size = StubSandbox.readLine(in);
      }
      StubSandbox.readHead(in);
    }
    return body.toString();
  }
}
