package dev.sandpool.server.gateway;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpUtil;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpServerResponse;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** Turns the head of a sandbox's answer into that of ours. */
final class ResponseHead {
  private ResponseHead() {}

  /** Status and headers; a chunked answer stays chunked. */
  static void copy(HttpResponse from, HttpServerResponse to) {
    HttpResponseStatus status = from.status();
    to.setStatusCode(status.code());
    if (isUncommon(status)) {
      to.setStatusMessage(status.reasonPhrase());
    }
    copyHeaders(from.headers(), to.headers());
    if (HttpUtil.isTransferEncodingChunked(from)) {
      to.setChunked(true);
    }
  }

  /** Vert.x knows a 304 by its common phrase and gives any other one a length. */
  private static boolean isUncommon(HttpResponseStatus status) {
    int code = status.code();
    return code != HttpResponseStatus.NOT_MODIFIED.code()
        && !status.reasonPhrase().equals(HttpResponseStatus.valueOf(code).reasonPhrase());
  }

  /** The headers that may pass. */
  static void copyHeaders(HttpHeaders from, MultiMap to) {
    Set<String> named = namedByConnection(from);
    Iterator<Map.Entry<CharSequence, CharSequence>> entries = from.iteratorCharSequence();
    while (entries.hasNext()) {
      Map.Entry<CharSequence, CharSequence> entry = entries.next();
      CharSequence name = entry.getKey();
      if (!HeaderRules.staysBehind(name)
          && !isNamed(named, name)
          && !isWideCookie(name, entry.getValue())) {
        to.add(name, entry.getValue());
      }
    }
  }

  private static boolean isWideCookie(CharSequence name, CharSequence value) {
    return name.length() == 10
        && HeaderRules.is(name, "set-cookie")
        && HeaderRules.isForParentDomain(value);
  }

  /**
   * What Connection says but whether it is kept, which is all that it mostly does: then null. To be
   * looked up: a head may name thousands of headers and have thousands.
   */
  private static @Nullable Set<String> namedByConnection(HttpHeaders from) {
    Iterator<? extends CharSequence> values =
        from.valueCharSequenceIterator(HttpHeaderNames.CONNECTION);
    Set<String> named = null;
    while (values.hasNext()) {
      CharSequence value = values.next();
      if (!HeaderRules.is(value, "close") && !HeaderRules.is(value, "keep-alive")) {
        named = named == null ? new TreeSet<>(String.CASE_INSENSITIVE_ORDER) : named;
        for (String token : value.toString().split(",", -1)) {
          named.add(token.strip());
        }
      }
    }
    return named;
  }

  private static boolean isNamed(@Nullable Set<String> named, CharSequence name) {
    return named != null
        && named.contains(name.toString())
        && !HeaderRules.is(name, "content-length");
  }

  /** The trailers that may pass. */
  static void copyTrailers(HttpHeaders from, HttpServerResponse to) {
    if (from.isEmpty()) {
      return;
    }
    for (Map.Entry<String, String> trailer : from) {
      if (!HeaderRules.isForbiddenTrailer(trailer.getKey())) {
        to.trailers().add(trailer.getKey(), trailer.getValue());
      }
    }
  }
}
