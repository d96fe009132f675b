package dev.sandpool.server.gateway;

import io.netty.util.AsciiString;

/** Headers of ours to the caller. */
final class Names {
  static final CharSequence REQUEST_ID = AsciiString.cached("sandpool-request-id");
  static final CharSequence ALLOCATION_TIME = AsciiString.cached("sandpool-allocation-time-ms");

  /** From a caller that cannot have a query. */
  static final CharSequence IDENTIFIER = AsciiString.cached("sandpool-identifier");

  static final CharSequence CONTENT_SECURITY_POLICY = AsciiString.cached("content-security-policy");
  static final CharSequence SANDBOX = AsciiString.cached("sandbox");

  private Names() {}
}
