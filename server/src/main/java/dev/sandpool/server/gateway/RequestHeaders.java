package dev.sandpool.server.gateway;

import dev.sandpool.model.ArmException;
import io.netty.buffer.ByteBuf;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpVersion;
import java.util.Iterator;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What the gateway itself reads in the headers of a request, found in one pass. Headers that could
 * mean two things to two readers are refused here.
 */
final class RequestHeaders {
  private static final int MOST = 1000;
  private static final AsciiString HOST = AsciiString.cached("host");
  private static final AsciiString TRACEPARENT = AsciiString.cached("traceparent");

  /** Of two traces none is continued. */
  private static final CharSequence TWICE = "";

  private final HttpHeaders all;
  private @Nullable CharSequence host;
  private @Nullable CharSequence authorization;
  private @Nullable CharSequence forwardAuthorization;
  private @Nullable CharSequence contentLength;
  private @Nullable CharSequence upgrade;
  private boolean chunked;
  private boolean expectsContinue;
  private boolean connectionUpgrade;
  private @Nullable CharSequence traceparent;
  private @Nullable CharSequence callersId;
  private boolean acceptsTrailers;
  private Set<String> named = Set.of();

  private RequestHeaders(HttpHeaders all) {
    this.all = all;
  }

  /**
   * Reads the headers of a request.
   *
   * @throws ArmException 400 or 417 if they are ambiguous, 431 if there are too many
   */
  static RequestHeaders of(HttpServerRequest request) {
    boolean http2 = request.version() == HttpVersion.HTTP_2;
    var headers =
        new RequestHeaders(http2 ? CallerHead.headers(request) : (HttpHeaders) request.headers());
    Iterator<Map.Entry<CharSequence, CharSequence>> entries = headers.all.iteratorCharSequence();
    int count = 0;
    while (entries.hasNext()) {
      if (++count > MOST) {
        throw new ArmException(
            431, "RequestHeadersTooLong", "There are more than " + MOST + " headers.");
      }
      Map.Entry<CharSequence, CharSequence> entry = entries.next();
      headers.note(entry.getKey(), entry.getValue());
    }
    headers.check(request.version());
    if (http2) {
      headers.chunked = headers.contentLength == null && !CallerStreams.endsWithHead(request);
    }
    return headers;
  }

  private void note(CharSequence name, CharSequence value) {
    switch (name.length()) {
      case 0 -> throw new ArmException(400, "BadRequest", "A header has no name.");
      case 2 -> acceptsTrailers |= HeaderRules.is(name, "te") && holds(value, "trailers");
      case 4 -> {
        if (HeaderRules.is(name, "host")) {
          host = once(host, name, value);
        }
      }
      case 6 -> {
        if (HeaderRules.is(name, "expect")) {
          noteExpect(value);
        }
      }
      case 7 -> {
        if (HeaderRules.is(name, "upgrade")) {
          upgrade = value;
        }
      }
      case 10 -> {
        if (HeaderRules.is(name, "connection")) {
          noteConnection(value);
        }
      }
      case 11 -> {
        if (HeaderRules.is(name, "traceparent")) {
          traceparent = traceparent == null ? value : TWICE;
        }
      }
      case 12 -> {
        if (callersId == null && HeaderRules.is(name, "x-request-id")) {
          callersId = value;
        }
      }
      case 13 -> {
        if (HeaderRules.is(name, "authorization")) {
          authorization = once(authorization, name, value);
        }
      }
      case 14 -> {
        if (HeaderRules.is(name, "content-length")) {
          contentLength = once(contentLength, name, value);
        }
      }
      case 17 -> {
        if (HeaderRules.is(name, "transfer-encoding")) {
          noteTransferEncoding(value);
        }
      }
      case 22 -> {
        if (HeaderRules.is(name, "x-ms-client-request-id")) {
          callersId = value;
        }
      }
      case 30 -> {
        if (HeaderRules.is(name, "sandpool-forward-authorization")) {
          forwardAuthorization = once(forwardAuthorization, name, value);
        }
      }
      default -> {}
    }
  }

  private static CharSequence once(
      @Nullable CharSequence seen, CharSequence name, CharSequence value) {
    if (seen != null) {
      throw new ArmException(
          400, "DuplicateHeader", "The header '" + name + "' stands more than once.");
    }
    return value;
  }

  private void noteExpect(CharSequence value) {
    if (!HeaderRules.is(value, "100-continue")) {
      throw new ArmException(417, "ExpectationFailed", "Only 'Expect: 100-continue' is known.");
    }
    expectsContinue = true;
  }

  private void noteTransferEncoding(CharSequence value) {
    if (chunked || !HeaderRules.is(value, "chunked")) {
      throw new ArmException(
          400, "InvalidTransferEncoding", "Only 'Transfer-Encoding: chunked' is known.");
    }
    chunked = true;
  }

  private void noteConnection(CharSequence value) {
    if (HeaderRules.is(value, "keep-alive") || HeaderRules.is(value, "close")) {
      return;
    }
    for (String part : value.toString().split(",", -1)) {
      String token = part.strip();
      if (token.equalsIgnoreCase("upgrade")) {
        connectionUpgrade = true;
      } else if (!token.isEmpty()
          && !token.equalsIgnoreCase("keep-alive")
          && !token.equalsIgnoreCase("close")) {
        // To be looked up: there may be thousands of these, for a thousand headers.
        named = named.isEmpty() ? new TreeSet<>(String.CASE_INSENSITIVE_ORDER) : named;
        named.add(token);
      }
    }
  }

  private static boolean holds(CharSequence value, String token) {
    for (String part : value.toString().split(",", -1)) {
      if (part.strip().equalsIgnoreCase(token)) {
        return true;
      }
    }
    return false;
  }

  private void check(HttpVersion version) {
    CharSequence trace = traceparent;
    if (trace != null && (!Traceparent.isValid(trace) || isNamedByConnection(TRACEPARENT))) {
      traceparent = null;
    }
    if (chunked && (contentLength != null || version == HttpVersion.HTTP_1_0)) {
      throw new ArmException(
          400, "InvalidTransferEncoding", "The length of the body is said in two ways.");
    }
    if (host == null && version != HttpVersion.HTTP_1_0) {
      throw new ArmException(400, "MissingHost", "The header 'Host' is required.");
    }
  }

  /** All of them, as they came. */
  HttpHeaders all() {
    return all;
  }

  /** The Host header; empty if there is none (HTTP/1.0). */
  CharSequence host() {
    CharSequence seen = host;
    return seen == null ? "" : seen;
  }

  @Nullable CharSequence authorization() {
    return authorization;
  }

  @Nullable CharSequence forwardAuthorization() {
    return forwardAuthorization;
  }

  @Nullable CharSequence contentLength() {
    return contentLength;
  }

  boolean chunked() {
    return chunked;
  }

  /** Whether a body follows, be it empty. */
  boolean hasBody() {
    CharSequence length = contentLength;
    return chunked || (length != null && !HeaderRules.is(length, "0"));
  }

  /** The trailers that came after a chunked body and may pass; null if there are none. */
  @Nullable HttpHeaders trailers(HttpServerRequest request) {
    if (request.version() == HttpVersion.HTTP_2) {
      return CallerHead.trailers(CallerStreams.trailers(request));
    }
    return RequestBody.trailers(request, all);
  }

  /**
   * Has the rest of the body handed over as it comes from the connection, if it can be.
   *
   * @param received bytes of it that have come already
   * @return where it can be paused; null if it goes on as before
   */
  @Nullable RequestBody divert(HttpServerRequest request, long received, Consumer<ByteBuf> taker) {
    return request.version() == HttpVersion.HTTP_2
        ? null
        : RequestBody.divert(request, all, received, taker);
  }

  boolean expectsContinue() {
    return expectsContinue;
  }

  /** A valid one; null if there is none, and a trace begins here. */
  @Nullable CharSequence traceparent() {
    return traceparent;
  }

  /** What the caller itself calls the request: not believed, only written down. */
  @Nullable CharSequence callersId() {
    return callersId;
  }

  /** Whether a header of that name goes on to the sandbox as it came. */
  boolean passes(CharSequence name) {
    return !HeaderRules.endsHere(name)
        && !HeaderRules.is(name, HOST)
        && !isNamedByConnection(name)
        && (traceparent != null || !HeaderRules.isOfTrace(name));
  }

  boolean acceptsTrailers() {
    return acceptsTrailers;
  }

  /**
   * The protocol that the caller asks to change to, or null. Not h2c: a sandbox that changed to it
   * would be talked to without any of these rules.
   */
  @Nullable CharSequence upgrade(HttpMethod method) {
    CharSequence protocol = upgrade;
    if (protocol == null || !connectionUpgrade || hasBody() || !method.equals(HttpMethod.GET)) {
      return null;
    }
    return holds(protocol, "h2c") ? null : protocol;
  }

  /** Whether the caller's Connection header names that header as hop-by-hop. */
  boolean isNamedByConnection(CharSequence name) {
    return !named.isEmpty() && named.contains(name.toString());
  }
}
