package dev.sandpool.server.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * {@code server}: where it listens and what it is called.
 *
 * @param listen the data plane's address
 * @param managementListen the address of management, authority and metrics; equal to {@code listen}
 *     where one serves both
 * @param publicUrl the origin of all URLs that are handed out, without a slash at its end; absent:
 *     the address that was bound
 * @param drain how long requests in flight may go on after SIGTERM
 * @param tls the files of the data plane's certificate; absent: no TLS
 * @param managementTls the files of the certificate of management, where it has an address of its
 *     own; absent: no TLS there
 * @param accessLog where each request of a session is noted; absent: nowhere
 * @param trustedProxies who is believed where requests came from
 * @param proxyProtocol whether those begin each connection with where it came from
 * @param redirectListen where requests without TLS are sent to the address with it; absent: nowhere
 * @param domain the suffix under which environments have their own; pools then also answer by host
 * @param customDomains the hosts that pools may be given as their own: names, or {@code *.DOMAIN}
 */
public record ServerSettings(
    ListenAddress listen,
    ListenAddress managementListen,
    Optional<URI> publicUrl,
    Duration drain,
    Optional<String> domain,
    Optional<Tls> tls,
    Optional<Tls> managementTls,
    Optional<Path> accessLog,
    List<Cidr> trustedProxies,
    boolean proxyProtocol,
    Optional<ListenAddress> redirectListen,
    List<String> customDomains) {

  /**
   * {@code server.tls}.
   *
   * @param certificate the chain in PEM
   * @param key its key in PEM
   */
  public record Tls(Path certificate, Path key) {}

  /** Whether one listener serves both planes. */
  public boolean oneListener() {
    return listen.equals(managementListen);
  }

  static ServerSettings read(Section section, CommandLineOptions options) {
    var listenInFile = section.value("listen", "127.0.0.1:7070", Form.address());
    var managementInFile =
        section.optional("managementListen", "as `server.listen` on loopback", Form.address());
    ListenAddress listen = options.listen().orElse(listenInFile);
    var management = options.managementListen().or(() -> managementInFile);
    if (options.dev()) {
      requireLoopback(section, "listen", options.listen().isPresent(), listen);
      management.ifPresent(
          address ->
              requireLoopback(
                  section, "managementListen", options.managementListen().isPresent(), address));
    } else if (management.isEmpty() && !listen.isLoopback()) {
      section.refuse(
          "managementListen",
          "must be said because "
              + listen
              + " can be reached from other machines; accepted: an address of its own such as"
              + " 127.0.0.1:7071, or the same one again to serve management there too");
    }
    Optional<Tls> tls = tls(section.section("tls"));
    Optional<Tls> managementTls = tls(section.section("managementTls"));
    boolean plain = section.value("plainHttp", "false", Form.yesOrNo()) || options.plainHttp();
    boolean apart = management.isPresent() && !management.get().equals(listen);
    if (!plain && !options.dev()) {
      requireTls(section, "listen", "tls", listen, tls);
      management
          .filter(address -> apart)
          .ifPresent(
              address ->
                  requireTls(section, "managementListen", "managementTls", address, managementTls));
    }
    if (managementTls.isPresent() && !apart) {
      section.refuse(
          "managementTls",
          "is for an address of management's own; accepted: `server.managementListen` with one, or"
              + " `server.tls` alone");
    }
    List<Cidr> proxies = section.list("trustedProxies", "none", Form.range());
    boolean proxyProtocol = section.value("proxyProtocol", "false", Form.yesOrNo());
    if (proxyProtocol && proxies.isEmpty()) {
      section.refuse(
          "proxyProtocol",
          "believes `server.trustedProxies` alone, and there are none; accepted: their addresses");
    }
    var redirect = section.optional("redirectListen", "none: not listened on", Form.address());
    if (redirect.isPresent() && tls.isEmpty()) {
      section.refuse(
          "redirectListen",
          "sends callers to TLS, which is not there; accepted: `server.tls.certificate` and"
              + " `.key`");
    }
    return new ServerSettings(
        listen,
        management.orElse(listen),
        section.optional("publicUrl", "the bound address", Form.origin()),
        section.value("drain", "30s", Form.duration("0s", "1h")),
        section.optional("domain", "none: pools answer by path only", Form.domain()),
        tls,
        managementTls,
        section.optional("accessLog", "none: not written", Form.absolutePath()),
        proxies,
        proxyProtocol,
        redirect,
        section.list("customDomains", "none", Form.hosts()));
  }

  /** Tokens and everything that sessions say would be read on the way. */
  private static void requireTls(
      Section section, String key, String tlsKey, ListenAddress address, Optional<Tls> tls) {
    if (tls.isEmpty() && !address.isLoopback()) {
      section.refuse(
          key,
          ("'%s' can be reached from other machines and would speak without TLS; accepted:"
                  + " `server.%s.certificate` and `.key` ('sandpool certs' makes some for"
                  + " development), a loopback address, or `server.plainHttp: true` (--plain-http)"
                  + " where something before it speaks TLS")
              .formatted(address, tlsKey));
    }
  }

  private static Optional<Tls> tls(Section section) {
    var certificate = section.optional("certificate", "none: no TLS", Form.absolutePath());
    var key = section.optional("key", "none: no TLS", Form.absolutePath());
    if (certificate.isPresent() != key.isPresent()) {
      section.refuse(
          certificate.isPresent() ? "key" : "certificate",
          "must be said too; accepted: " + Form.absolutePath().accepted());
    }
    return certificate.flatMap(chain -> key.map(its -> new Tls(chain, its)));
  }

  private static void requireLoopback(
      Section section, String key, boolean fromOption, ListenAddress address) {
    if (!address.isLoopback()) {
      String message =
          "'"
              + address
              + "' is not accepted with --dev, whose token is public; accepted: a loopback address"
              + " such as 127.0.0.1:7070";
      if (fromOption) {
        section.refuseOption(key, message);
      } else {
        section.refuse(key, message);
      }
    }
  }
}
