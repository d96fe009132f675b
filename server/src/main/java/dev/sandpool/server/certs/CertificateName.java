package dev.sandpool.server.certs;

import java.net.InetAddress;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A name that a certificate is good for: of a host, of all hosts one level below a domain ({@code
 * *.example.org}), or an address.
 *
 * @param text host names in lower case
 */
public record CertificateName(String text) {
  private static final Pattern HOST =
      Pattern.compile(
          "(?=.{1,253}$)(\\*\\.)?[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");

  /** What a server on this machine is called by those who are on it too. */
  public static final List<CertificateName> LOOPBACK =
      List.of(
          new CertificateName("localhost"),
          new CertificateName("127.0.0.1"),
          new CertificateName("::1"));

  /**
   * Reads a name.
   *
   * @throws IllegalArgumentException for anything else
   */
  public static CertificateName parse(String text) {
    var name = new CertificateName(text.toLowerCase(Locale.ROOT));
    if (!name.isAddress() && !HOST.matcher(name.text).matches()) {
      throw new IllegalArgumentException("'" + text + "' is no host name, *.DOMAIN or address");
    }
    return name;
  }

  private boolean isAddress() {
    try {
      InetAddress.ofLiteral(text);
      return true;
    } catch (IllegalArgumentException _) {
      return false;
    }
  }

  /** As keytool wants to be told it. */
  String extension() {
    return (isAddress() ? "ip:" : "dns:") + text;
  }
}
