package dev.sandpool.server.gateway;

import io.vertx.core.http.HttpServerRequest;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.Map;

/** Writes the head of a request as its sandbox gets it. */
final class RequestHead {
  private static final byte[] VERSION_HOST = ascii(" HTTP/1.1\r\nHost: ");
  private static final byte[] SEPARATOR = ascii(": ");
  private static final byte[] END_OF_LINE = ascii("\r\n");
  private static final byte[] CHUNKED = ascii("Transfer-Encoding: chunked\r\n");
  private static final byte[] CONTENT_LENGTH = ascii("Content-Length: ");
  private static final byte[] AUTHORIZATION = ascii("Authorization: ");
  private static final byte[] TE_TRAILERS = ascii("TE: trailers\r\n");
  private static final byte[] UPGRADE = ascii("Connection: Upgrade\r\nUpgrade: ");
  private static final byte[] FORWARDED_FOR = ascii("X-Forwarded-For: ");
  private static final byte[] FORWARDED_PROTO = ascii("\r\nX-Forwarded-Proto: ");
  private static final byte[] FORWARDED_HOST = ascii("\r\nX-Forwarded-Host: ");
  private static final byte[] REQUEST_ID = ascii("sandpool-request-id: ");
  private static final byte[] TRACEPARENT = ascii("traceparent: 00-");
  private static final byte[] TRACE_NOT_RECORDED = ascii("-00\r\n");

  private RequestHead() {}

  /** Puts the whole head, the empty line included, into the buffer. */
  static HeadBuffer write(HeadBuffer head, PoolRequest incoming) {
    RequestHeaders headers = incoming.headers();
    HttpServerRequest request = incoming.request();
    head.clear().put(request.method().name()).put(" ").put(incoming.target());
    head.put(VERSION_HOST).put(headers.host()).put(END_OF_LINE);
    passOn(head, headers);
    frame(head, headers);
    CharSequence authorization = headers.forwardAuthorization();
    if (authorization != null) {
      head.put(AUTHORIZATION).put(authorization).put(END_OF_LINE);
    }
    CharSequence protocol = incoming.upgrade();
    if (protocol != null) {
      head.put(UPGRADE).put(protocol).put(END_OF_LINE);
    }
    origin(head, incoming);
    head.put(REQUEST_ID).put(incoming.id()).put(END_OF_LINE);
    if (headers.traceparent() == null) {
      head.put(TRACEPARENT).putTraceAndSpan(incoming.id()).put(TRACE_NOT_RECORDED);
    }
    return head.put(END_OF_LINE);
  }

  private static void passOn(HeadBuffer head, RequestHeaders headers) {
    Iterator<Map.Entry<CharSequence, CharSequence>> entries = headers.all().iteratorCharSequence();
    while (entries.hasNext()) {
      Map.Entry<CharSequence, CharSequence> entry = entries.next();
      CharSequence name = entry.getKey();
      if (headers.passes(name)) {
        head.put(name).put(SEPARATOR).put(entry.getValue()).put(END_OF_LINE);
      }
    }
  }

  private static void frame(HeadBuffer head, RequestHeaders headers) {
    CharSequence length = headers.contentLength();
    if (headers.chunked()) {
      head.put(CHUNKED);
    } else if (length != null) {
      head.put(CONTENT_LENGTH).put(length).put(END_OF_LINE);
    }
    if (headers.acceptsTrailers()) {
      head.put(TE_TRAILERS);
    }
  }

  /** What callers say of where they come from is not believed, unless they are trusted proxies. */
  private static void origin(HeadBuffer head, PoolRequest incoming) {
    Forwarded forwarded = incoming.forwarded();
    if (forwarded != null) {
      head.put(FORWARDED_FOR).put(forwarded.addresses());
      head.put(FORWARDED_PROTO).put(forwarded.scheme());
      head.put(FORWARDED_HOST).put(forwarded.host()).put(END_OF_LINE);
      return;
    }
    HttpServerRequest request = incoming.request();
    head.put(FORWARDED_FOR).put(request.remoteAddress().hostAddress());
    head.put(FORWARDED_PROTO).put(request.isSSL() ? "https" : "http");
    head.put(FORWARDED_HOST).put(incoming.headers().host()).put(END_OF_LINE);
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }
}
