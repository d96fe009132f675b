package dev.sandpool.server.gateway;

import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import io.vertx.core.http.HttpServerRequest;
import java.util.Iterator;
import java.util.Map;

/** The head of a request as a sandbox that speaks HTTP/2 gets it, by the rules of RequestHead. */
final class StreamHead {
  private StreamHead() {}

  static Http2Headers of(PoolRequest incoming) {
    HttpServerRequest request = incoming.request();
    RequestHeaders headers = incoming.headers();
    var head = new DefaultHttp2Headers(false);
    head.method(request.method().name()).scheme("http").path(incoming.target());
    if (!headers.host().isEmpty()) {
      head.authority(headers.host());
    }
    passOn(headers, head);
    CharSequence length = headers.contentLength();
    if (length != null) {
      head.add("content-length", length);
    }
    if (headers.acceptsTrailers()) {
      head.add("te", "trailers");
    }
    CharSequence authorization = headers.forwardAuthorization();
    if (authorization != null) {
      head.add("authorization", authorization);
    }
    Forwarded forwarded = incoming.forwarded();
    if (forwarded == null) {
      head.add("x-forwarded-for", request.remoteAddress().hostAddress());
      head.add("x-forwarded-proto", request.isSSL() ? "https" : "http");
      head.add("x-forwarded-host", headers.host());
    } else {
      head.add("x-forwarded-for", forwarded.addresses());
      head.add("x-forwarded-proto", forwarded.scheme());
      head.add("x-forwarded-host", forwarded.host());
    }
    head.add(Names.REQUEST_ID, incoming.id().toString());
    if (headers.traceparent() == null) {
      head.add("traceparent", "00-" + incoming.id().traceAndSpan() + "-00");
    }
    return head;
  }

  private static void passOn(RequestHeaders headers, Http2Headers head) {
    Iterator<Map.Entry<CharSequence, CharSequence>> entries = headers.all().iteratorCharSequence();
    while (entries.hasNext()) {
      Map.Entry<CharSequence, CharSequence> entry = entries.next();
      CharSequence name = entry.getKey();
      if (headers.passes(name)) {
        head.add(AsciiString.of(name).toLowerCase(), entry.getValue());
      }
    }
  }

  /** The trailers that may pass. */
  static Http2Headers trailers(HttpHeaders from) {
    var trailers = new DefaultHttp2Headers(false);
    for (Map.Entry<String, String> trailer : from) {
      if (!HeaderRules.isForbiddenRequestTrailer(trailer.getKey())) {
        trailers.add(AsciiString.of(trailer.getKey()).toLowerCase(), trailer.getValue());
      }
    }
    return trailers;
  }
}
