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
 * @param accessLog where each request of a session is noted; absent: nowhere
 * @param trustedProxies who is believed where requests came from
 * @param domain the suffix under which environments have their own; pools then also answer by host
 */
public record ServerSettings(
    ListenAddress listen,
    ListenAddress managementListen,
    Optional<URI> publicUrl,
    Duration drain,
    Optional<String> domain,
    Optional<Tls> tls,
    Optional<Path> accessLog,
    List<Cidr> trustedProxies) {

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
    return new ServerSettings(
        listen,
        management.orElse(listen),
        section.optional("publicUrl", "the bound address", Form.origin()),
        section.value("drain", "30s", Form.duration("0s", "1h")),
        section.optional("domain", "none: pools answer by path only", Form.domain()),
        tls(section.section("tls")),
        section.optional("accessLog", "none: not written", Form.absolutePath()),
        section.list("trustedProxies", "none", Form.range()));
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
