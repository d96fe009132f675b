package dev.sandpool.server.gateway;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;

/** What a hostile sandbox may answer, each with what its caller has to see instead. */
@SuppressWarnings("StringConcatToTextBlock")
final class HostileAnswers {
  /** In every one of them where it would do harm: it must never reach a caller. */
  static final String POISON = "poison";

  private static final String OK = "HTTP/1.1 200 OK\r\n";
  private static final String FOUR = OK + "Content-Length: 4\r\n";
  private static final String CHUNKED = OK + "Transfer-Encoding: chunked\r\n";
  private static final String POISONED =
      "HTTP/1.1 200 OK\r\nContent-Length: 6\r\nX: " + POISON + "\r\n\r\n" + POISON;

  private HostileAnswers() {}

  /** What the caller sees. */
  enum Seen {
    /** 502 InvalidSandboxResponse. */
    REFUSED,
    /** 502 SandboxClosedConnection. */
    ENDED,
    /** 504 SandboxTimeout. */
    TIMEOUT,
    /** The end of the connection after the beginning of an answer, or 502 before it. */
    CUT,
    /** A whole answer with the body "mild", or without one where there must be none. */
    MILD
  }

  /** Sends what is hostile; the connection ends when it throws. */
  interface Attack {
    void send(InputStream in, OutputStream out) throws IOException;
  }

  /**
   * One of them.
   *
   * @param method of the request that it answers
   */
  record Row(String name, String method, Attack attack, Seen seen) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Row row(String name, String text, Seen seen) {
    return new Row(name, "GET", (in, out) -> StubSandbox.write(out, text), seen);
  }

  private static Row endless(String name, String before, String again, Seen seen) {
    return new Row(
        name,
        "GET",
        (in, out) -> {
          StubSandbox.write(out, before);
          String much = again.repeat(1 + 65_536 / again.length());
          for (int sent = 0; sent < 100 << 20; sent += much.length()) {
            StubSandbox.write(out, much);
          }
        },
        seen);
  }

  private static Row closing(String name, String text, Seen seen) {
    return new Row(
        name,
        "GET",
        (in, out) -> {
          StubSandbox.write(out, text);
          throw new IOException("gone");
        },
        seen);
  }

  static List<Row> all() {
    return List.of(
        row(
            "length and chunks",
            CHUNKED + "Content-Length: 60\r\n\r\n4\r\nmild\r\n0\r\n\r\n" + POISONED,
            Seen.REFUSED),
        row("two lengths", FOUR + "Content-Length: 400\r\n\r\nmild" + POISONED, Seen.REFUSED),
        row("list of lengths", OK + "Content-Length: 4, 400\r\n\r\nmild", Seen.REFUSED),
        row("negative length", OK + "Content-Length: -4\r\n\r\nmild", Seen.REFUSED),
        row("length with a sign", OK + "Content-Length: +4\r\n\r\nmild" + POISONED, Seen.REFUSED),
        row("hexadecimal length", OK + "Content-Length: 0x4\r\n\r\nmild", Seen.REFUSED),
        row(
            "length beyond all numbers",
            OK + "Content-Length: 99999999999999999999\r\n\r\nmild",
            Seen.REFUSED),
        row("space before the colon", OK + "Content-Length : 4\r\n\r\nmild" + POISON, Seen.MILD),
        row("unknown coding", OK + "Transfer-Encoding: gzip\r\n\r\n" + POISON, Seen.REFUSED),
        row(
            "chunks twice",
            OK + "Transfer-Encoding: chunked, chunked\r\n\r\n4\r\nmild\r\n0\r\n\r\n",
            Seen.REFUSED),
        row(
            "identity before chunks",
            OK + "Transfer-Encoding: identity, chunked\r\n\r\n4\r\nmild\r\n0\r\n\r\n",
            Seen.REFUSED),
        endless("endless 100", "", "HTTP/1.1 100 Continue\r\n\r\n", Seen.REFUSED),
        endless("endless 103", "", "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", Seen.REFUSED),
        row(
            "101 that nobody asked for",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"
                + POISON,
            Seen.REFUSED),
        row(
            "WebSocket of a draft",
            "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
                + POISON,
            Seen.REFUSED),
        endless("100 MB of one header", OK + "X: ", "a", Seen.REFUSED),
        endless("never-ending headers", OK, "X: a\r\n", Seen.REFUSED),
        endless("never-ending status line", "HTTP/1.1 200 ", "a", Seen.REFUSED),
        endless("never-ending trailers", CHUNKED + "\r\n0\r\n", "X: a\r\n", Seen.CUT),
        endless("never-ending chunk size", CHUNKED + "\r\n", "0", Seen.CUT),
        endless("flood in a chunk extension", CHUNKED + "\r\n4;", "a", Seen.CUT),
        row("chunk size that is none", CHUNKED + "\r\nzz\r\nmild\r\n0\r\n\r\n", Seen.CUT),
        row("negative chunk size", CHUNKED + "\r\n-4\r\nmild\r\n0\r\n\r\n", Seen.CUT),
        row("chunk size beyond numbers", CHUNKED + "\r\nfffffffffffffffff\r\nmild", Seen.CUT),
        row("chunk longer than it says", CHUNKED + "\r\n4\r\nmildpoison\r\n0\r\n\r\n", Seen.CUT),
        row("bytes after the end", FOUR + "\r\nmild" + POISON, Seen.MILD),
        row("second answer", FOUR + "\r\nmild" + POISONED, Seen.MILD),
        row(
            "forged words of ours",
            FOUR
                + "x-ms-error-code: poison\r\nX_MS_Error_Code: poison\r\n"
                + "Sandpool-Request-Id: poison\r\nsandpool_x: poison\r\n\r\nmild",
            Seen.MILD),
        row(
            "cookies for the parent domain",
            FOUR + "Set-Cookie: a=poison; Path=/; Domain=.env.test\r\n\r\nmild",
            Seen.MILD),
        row(
            "statements about the origin",
            FOUR
                + "Strict-Transport-Security: poison\r\nAlt-Svc: h3=\"poison\"\r\n"
                + "Proxy-Authenticate: poison\r\nConnection: X-Drop\r\nX-Drop: poison\r\n\r\nmild",
            Seen.MILD),
        row(
            "forbidden trailers",
            CHUNKED
                + "\r\n4\r\nmild\r\n0\r\nContent-Length: 9\r\nSet-Cookie: poison\r\n"
                + "x-ms-error-code: poison\r\nTransfer-Encoding: poison\r\nHost: poison\r\n\r\n",
            Seen.MILD),
        row("HTTP/0.9", "poison\n", Seen.REFUSED),
        row("HTTP/2", "\0\0\0\4\0\0\0\0\0" + "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", Seen.REFUSED),
        row("another protocol's version", "HTTP/9.9 200 OK\r\n\r\n" + POISON, Seen.REFUSED),
        row("status of four digits", "HTTP/1.1 2000 OK\r\n\r\n" + POISON, Seen.REFUSED),
        row("status 0", "HTTP/1.1 000 OK\r\n\r\n" + POISON, Seen.REFUSED),
        row("NUL in a header", FOUR + "X: a\0poison\r\n\r\nmild", Seen.REFUSED),
        row("bare CR in a header", FOUR + "X: a\rX-Planted: poison\r\n\r\nmild", Seen.REFUSED),
        row("header without a name", FOUR + ": poison\r\n\r\nmild", Seen.REFUSED),
        closing("close before any byte", "", Seen.ENDED),
        closing("close within the head", OK + "X: poi", Seen.CUT),
        closing("close within the body", OK + "Content-Length: 40\r\n\r\nmild", Seen.CUT),
        closing("close within a chunk", CHUNKED + "\r\n40\r\nmild", Seen.CUT),
        closing("close instead of the last chunk", CHUNKED + "\r\n4\r\nmild\r\n", Seen.CUT),
        new Row(
            "slow drip that dries up",
            "GET",
            (in, out) -> {
              StubSandbox.write(out, OK + "Content-Length: 40\r\n\r\nmild");
              in.read();
            },
            Seen.CUT),
        new Row(
            "answer before the end of the request",
            "POST",
            (in, out) -> StubSandbox.write(out, FOUR + "\r\nmild"),
            Seen.MILD),
        new Row(
            "upload that is not read", "POST", (in, out) -> in.skipNBytes(1 << 30), Seen.TIMEOUT),
        row("204 with a body", "HTTP/1.1 204 No\r\nContent-Length: 6\r\n\r\npoison", Seen.MILD),
        row("304 with a body", "HTTP/1.1 304 No\r\nContent-Length: 6\r\n\r\npoison", Seen.MILD),
        new Row(
            "HEAD with a body",
            "HEAD",
            (in, out) -> StubSandbox.write(out, OK + "Content-Length: 6\r\n\r\npoison"),
            Seen.MILD),
        new Row(
            "HEAD with chunks",
            "HEAD",
            (in, out) -> StubSandbox.write(out, CHUNKED + "\r\n6\r\npoison\r\n0\r\n\r\n"),
            Seen.MILD));
  }
}
