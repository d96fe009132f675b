package dev.sandpool.server.gateway;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/**
 * What a hostile or broken caller sends on one connection: requests for its own session, spoiled
 * first in their grammar and then in their bytes. The same seed makes the same bytes.
 */
final class HttpMutations {
  /** Stands in bodies, and is no path of a pool: a sandbox that is asked for it was smuggled to. */
  static final String SMUGGLED = "/smuggled";

  private static final String PAYLOAD =
      "GET " + SMUGGLED + "?identifier=victim HTTP/1.1\r\nHost: x\r\n\r\n";
  private static final List<String> METHODS =
      List.of("GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "PATCH", "TRACE", "get", "X-OWN");
  private static final List<String> VERSIONS =
      List.of("HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.1", "HTTP/1.0", "HTTP/1.2", "http/1.1");
  private static final List<String> LINE_ENDS =
      List.of("\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\r\n", "\n", "\r", "\r\r\n", "\n\r\n");
  private static final List<String> HEADERS =
      List.of(
          "X-Plain: value",
          "X-Folded: one\r\n two",
          "X-Folded: one\r\n\tContent-Length: 7",
          "X-Obs: \u00e4\u00ff\u0080",
          "X-Empty:",
          "X Space: a",
          "X-Before : a",
          "Connection: close, X-Plain",
          "Connection: Content-Length",
          "Connection: Upgrade\r\nUpgrade: websocket",
          "Expect: 100-continue",
          "Expect: 200-ok",
          "TE: trailers",
          "Trailer: X-Last",
          "Host: other.test",
          "Transfer-Encoding: chunked",
          "Transfer-Encoding: identity",
          "Transfer-Encoding: gzip, chunked",
          "Transfer-Encoding:\u000bchunked",
          "Content-Length: 0",
          "Content-Length: 5",
          "Content-Length: 5, 5",
          "Content-Length: +5",
          "Content-Length: 0x5",
          "Content-Length : 5",
          "X-Forwarded-For: 10.0.0.1",
          "Sandpool-Forward-Authorization: Bearer x",
          ": nameless",
          "no colon",
          "X-Nul: a\u0000b",
          "X-Cr: a\rTransfer-Encoding: chunked");
  private static final byte[] SPECIAL = {
    '\r', '\n', 0, '\t', ' ', ':', ';', ',', '%', '/', '?', '#', 0x0b, 0x0c, 0x7f, (byte) 0x80, '"'
  };

  private final Random random;
  private final String identifier;
  private final long number;

  /**
   * @param number of the case, which is said in each path
   */
  HttpMutations(long seed, long number, String identifier) {
    this.random = new Random(seed * 1_000_003 + number);
    this.identifier = identifier;
    this.number = number;
  }

  /** One to four requests, and one that ends the connection. */
  byte[] connection() {
    var text = new StringBuilder();
    for (int i = 1 + random.nextInt(4); i > 0; i--) {
      text.append(request());
    }
    byte[] bytes = text.toString().getBytes(StandardCharsets.ISO_8859_1);
    for (int i = random.nextInt(5); i > 1; i--) {
      bytes = spoil(bytes);
    }
    var all = new ByteArrayOutputStream();
    all.writeBytes(bytes);
    all.writeBytes(
        head("GET", "HTTP/1.1", "Connection: close\r\n\r\n").getBytes(StandardCharsets.ISO_8859_1));
    return all.toByteArray();
  }

  /** Where to cut what is sent, so that it arrives in pieces. */
  int cut(int length) {
    return random.nextBoolean() ? length : random.nextInt(length);
  }

  private String head(String method, String version, String rest) {
    return "%s %s/m%d?identifier=%s %s\r\nHost: gw.test\r\n%s%s"
        .formatted(method, GatewayBed.BASE, number, identifier, version, GatewayBed.AUTH, rest);
  }

  private String request() {
    var rest = new StringBuilder();
    for (int i = random.nextInt(4); i > 0; i--) {
      rest.append(any(HEADERS)).append(any(LINE_ENDS));
    }
    String method = any(METHODS);
    String version = any(VERSIONS);
    return switch (random.nextInt(5)) {
      case 0 -> head(method, version, rest + "\r\n");
      case 1 -> head(method, version, rest + "Content-Length: " + length() + "\r\n\r\n" + PAYLOAD);
      case 2 -> head(method, version, rest + "Transfer-Encoding: chunked\r\n\r\n" + chunks());
      case 3 ->
          head(
              method,
              version,
              rest
                  + "Content-Length: "
                  + length()
                  + any(LINE_ENDS)
                  + "Transfer-Encoding: chunked\r\n\r\n"
                  + chunks());
      default ->
          head("POST", "HTTP/1.1", "Content-Length: " + PAYLOAD.length() + "\r\n\r\n" + PAYLOAD);
    };
  }

  private int length() {
    int length = PAYLOAD.length();
    return random.nextInt(3) > 0 ? length : Math.max(0, length + random.nextInt(9) - 4);
  }

  private String chunks() {
    var text = new StringBuilder();
    for (int i = random.nextInt(3); i > 0; i--) {
      String size = Integer.toHexString(length());
      String said =
          switch (random.nextInt(12)) {
            case 0 -> "0" + size;
            case 1 -> size.toUpperCase(Locale.ROOT);
            case 2 -> size + ";extension=\"a\nb\"";
            case 3 -> size + ";x";
            case 4 -> size + " ";
            case 5 -> "-" + size;
            case 6 -> "1" + "0".repeat(15 + random.nextInt(3)) + size;
            case 7 -> "0x" + size;
            default -> size;
          };
      text.append(said).append(any(LINE_ENDS)).append(PAYLOAD).append(any(LINE_ENDS));
    }
    text.append('0').append(any(LINE_ENDS));
    if (random.nextInt(3) == 0) {
      text.append(any(HEADERS)).append(any(LINE_ENDS));
    }
    return text.append("\r\n").toString();
  }

  /** A byte changed, put in or taken away, or a piece doubled or lost. */
  private byte[] spoil(byte[] bytes) {
    int at = random.nextInt(bytes.length);
    int length = Math.min(1 + random.nextInt(8), bytes.length - at);
    byte special = SPECIAL[random.nextInt(SPECIAL.length)];
    byte[] before = Arrays.copyOf(bytes, at);
    byte[] piece = Arrays.copyOfRange(bytes, at, at + length);
    byte[] after = Arrays.copyOfRange(bytes, at + length, bytes.length);
    return switch (random.nextInt(5)) {
      case 0 -> join(before, new byte[] {special}, piece, after);
      case 1 -> join(before, after);
      case 2 -> join(before, piece, piece, after);
      case 3 -> join(before, new byte[] {(byte) random.nextInt(256)}, after);
      default -> {
        piece[random.nextInt(length)] = special;
        yield join(before, piece, after);
      }
    };
  }

  private static byte[] join(byte[]... parts) {
    var all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private String any(List<String> list) {
    return list.get(random.nextInt(list.size()));
  }
}
