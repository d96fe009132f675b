package dev.sandpool.server;

import dev.sandpool.server.certs.CertificateName;
import dev.sandpool.server.certs.DevelopmentAuthority;
import dev.sandpool.server.config.CertsCommandLine;
import dev.sandpool.server.config.CertsCommandLine.Parsed;
import dev.sandpool.server.config.CommandLine;
import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** {@code sandpool certs}. */
public final class CertsMain {
  private static final String TRUST =
      """

      To trust the authority
        one command   curl --cacert CA https://...
                      SANDPOOL_CA=CA sandpool ...
        this machine  cp CA /usr/local/share/ca-certificates/sandpool.crt && update-ca-certificates
        Java          keytool -importcert -noprompt -cacerts -alias sandpool -file CA
        Python        export REQUESTS_CA_BUNDLE=CA SSL_CERT_FILE=CA
        Node.js       export NODE_EXTRA_CA_CERTS=CA
        Go            export SSL_CERT_FILE=CA
      """;

  private CertsMain() {}

  /**
   * Exit codes: 0 done, 1 failed, 2 misuse.
   *
   * @param args first the server's user as {@code UID:GID}, from the launcher
   */
  public static void main(String[] args) {
    List<String> arguments = List.of(args);
    switch (CertsCommandLine.parse(arguments.subList(1, arguments.size()))) {
      case Parsed.Help help -> System.out.print(help.text());
      case Parsed.Misuse misuse -> exit(CommandLine.MISUSE, misuse.line());
      case Parsed.Run run -> run(arguments.getFirst(), run);
    }
  }

  private static void run(String user, Parsed.Run run) {
    List<CertificateName> names = new ArrayList<>();
    try {
      run.names().forEach(name -> names.add(CertificateName.parse(name)));
    } catch (IllegalArgumentException e) {
      exit(CommandLine.MISUSE, "sandpool certs: " + e.getMessage());
    }
    List<CertificateName> all =
        Stream.concat(names.stream(), CertificateName.LOOPBACK.stream()).distinct().toList();
    var authority = new DevelopmentAuthority(run.folder(), Instant.now());
    try {
      boolean made = authority.issue(all, run.days());
      if ("root".equals(System.getProperty("user.name"))) {
        ServerUser.parse(user).give(authority.serverKey());
      }
      tell(authority, made, all, run.days());
    } catch (IOException e) {
      exit(1, "sandpool certs: " + e.getMessage());
    }
  }

  private static void tell(
      DevelopmentAuthority authority, boolean made, List<CertificateName> names, int days) {
    String good = names.stream().map(CertificateName::text).collect(Collectors.joining(", "));
    System.out.printf(
        "certificate  %s%nkey          %s%ngood for     %s, %d days%nauthority    %s%s%n",
        authority.serverCertificate(),
        authority.serverKey(),
        good,
        days,
        authority.certificate(),
        made ? " (new)" : "");
    System.out.printf(
        "%nIn the server's configuration%n  server:%n    tls:%n      certificate: %s%n      key: %s%n",
        authority.serverCertificate(), authority.serverKey());
    System.out.print(
        TRUST.replaceAll("\\bCA\\b", Matcher.quoteReplacement(authority.certificate().toString())));
  }

  private static void exit(int code, String message) {
    System.err.println(message);
    System.exit(code);
  }
}
