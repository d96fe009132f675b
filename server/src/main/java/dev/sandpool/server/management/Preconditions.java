package dev.sandpool.server.management;

import dev.sandpool.model.ArmException;
import dev.sandpool.server.ledger.ResourceRecord;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a request says of the state that it expects (RFC 9110 section 13), by entity tags of what is
 * stored: a tag changes with every change that was asked for, not with the progress of one.
 *
 * @param ifMatch and {@code ifNoneMatch}: the headers, null where there is none
 */
record Preconditions(@Nullable String ifMatch, @Nullable String ifNoneMatch) {
  static final Preconditions NONE = new Preconditions(null, null);
  private static final int TAG_BYTES = 12;

  /** The entity tag of a stored resource, with its quotes. */
  static String tag(ResourceRecord resource) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256")
              .digest(
                  (resource.modifiedAt() + resource.document()).getBytes(StandardCharsets.UTF_8));
      return '"' + HexFormat.of().formatHex(hash, 0, TAG_BYTES) + '"';
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-256 is missing from this JDK", e);
    }
  }

  /**
   * Refuses a change of what is not as the caller thinks.
   *
   * @throws ArmException 412
   */
  void checkChange(Optional<ResourceRecord> current) {
    String tag = current.map(Preconditions::tag).orElse(null);
    if (ifMatch != null && !holds(ifMatch, tag)) {
      throw failed("If-Match", ifMatch, tag);
    }
    if (ifNoneMatch != null && holds(ifNoneMatch, tag)) {
      throw failed("If-None-Match", ifNoneMatch, tag);
    }
  }

  /** Whether a reader has it already. */
  boolean unchanged(ResourceRecord current) {
    return ifNoneMatch != null && holds(ifNoneMatch, tag(current));
  }

  private static boolean holds(String header, @Nullable String tag) {
    return tag != null
        && (header.strip().equals("*")
            || Arrays.stream(header.split(","))
                .map(String::strip)
                .map(one -> one.startsWith("W/") ? one.substring(2) : one)
                .anyMatch(tag::equals));
  }

  private static ArmException failed(String name, String header, @Nullable String tag) {
    String now = tag == null ? "there is no such resource" : "its entity tag is " + tag;
    return new ArmException(
        412, "PreconditionFailed", "%s is '%s', but %s.".formatted(name, header, now));
  }
}
