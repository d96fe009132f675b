package dev.sandpool.server.identity;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * The object ids of another issuer's principals and groups. Roles are given to GUIDs, and names
 * elsewhere are none: an id is made of issuer and name (RFC 9562, version 5, in the namespace of
 * URLs), so that no issuer can name another's.
 *
 * @param raw whether what already is a GUID stays as it is
 */
record ForeignIds(String issuer, boolean raw) {
  private static final Pattern GUID =
      Pattern.compile("(?i)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}");
  private static final UUID URLS = UUID.fromString("6ba7b811-9dad-11d1-80b4-00c04fd430c8");

  String ofPrincipal(String name) {
    return id(name, "#");
  }

  String ofGroup(String name) {
    return id(name, "#group:");
  }

  private String id(String name, String kind) {
    return raw && GUID.matcher(name).matches()
        ? name.toLowerCase(Locale.ROOT)
        : named(issuer + kind + name);
  }

  private static String named(String text) {
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      sha1.update(
          ByteBuffer.allocate(16)
              .putLong(URLS.getMostSignificantBits())
              .putLong(URLS.getLeastSignificantBits())
              .array());
      ByteBuffer hash = ByteBuffer.wrap(sha1.digest(text.getBytes(StandardCharsets.UTF_8)));
      long most = (hash.getLong() & ~0xf000L) | 0x5000L;
      long least = (hash.getLong() & 0x3fffffffffffffffL) | 0x8000000000000000L;
      return new UUID(most, least).toString();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("SHA-1 is missing from this JDK", e);
    }
  }
}
