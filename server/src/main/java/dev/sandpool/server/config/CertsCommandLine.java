package dev.sandpool.server.config;

import static dev.sandpool.server.config.Arguments.value;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The command line of {@code sandpool certs}. */
public final class CertsCommandLine {
  /** Beyond this, Apple's systems trust no certificate of a server. */
  private static final int DAYS = 397;

  private static final String HELP =
      """
      Usage: sandpool certs [NAME...] [--to DIR] [--days N]

      Makes a certificate for a server and, the first time, an authority for development that signs
      it, and says how to trust that. NAME is a host name, *.DOMAIN or an address; localhost,
      127.0.0.1 and ::1 are always among them. Called again, it makes a new certificate with the
      same authority; a server that runs takes it up within 10 s.

      It is for development: whoever reads ca.key can pretend to be any server to those who trust
      ca.crt. Give a server that others use a certificate of an authority that they trust already.

        --to DIR    where the files are (/etc/sandpool/certs for root, else ~/.config/sandpool/certs)
        --days N    how long the certificate is good, 1 to 825 (397)
        --help      this text

      Exit codes: 0 done, 1 failed, 2 misuse.

      Examples:
        sandpool certs
        sandpool certs sandboxes.test '*.env.sandboxes.test' 192.168.7.2
        sandpool certs build-host --to ./certs --days 30
      """;

  private CertsCommandLine() {}

  /** What the arguments ask for. */
  public sealed interface Parsed {
    /**
     * Make a certificate.
     *
     * @param names as they were given
     */
    record Run(List<String> names, Path folder, int days) implements Parsed {}

    /** Print this on standard output and end with 0. */
    record Help(String text) implements Parsed {}

    /** Print this one line on standard error and end with {@link CommandLine#MISUSE}. */
    record Misuse(String line) implements Parsed {}
  }

  /** Reads the arguments that follow {@code certs}. */
  public static Parsed parse(List<String> arguments) {
    if (arguments.contains("--help")) {
      return new Parsed.Help(HELP);
    }
    List<String> names = new ArrayList<>();
    List<String> options = new ArrayList<>();
    boolean isValue = false;
    for (String argument : arguments) {
      boolean isOption = argument.startsWith("--");
      (isOption || isValue ? options : names).add(argument);
      isValue = isOption && argument.indexOf('=') < 0;
    }
    try {
      Map<String, String> given = Arguments.collect(options, Set.of("--to", "--days"), Set.of());
      Path folder = value(given, "--to", "a path", Path::of).orElseGet(CertsCommandLine::folder);
      int days =
          value(given, "--days", "1 to 825", text -> Form.integer(1, 825).parser().apply(text))
              .orElse(DAYS);
      return new Parsed.Run(names, folder.toAbsolutePath().normalize(), days);
    } catch (Arguments.Wrong e) {
      return new Parsed.Misuse("sandpool certs: " + e.getMessage() + "; see sandpool certs --help");
    }
  }

  private static Path folder() {
    if ("root".equals(System.getProperty("user.name"))) {
      return Path.of("/etc/sandpool/certs");
    }
    @Nullable String config = System.getenv("XDG_CONFIG_HOME");
    return config != null && config.startsWith("/")
        ? Path.of(config, "sandpool", "certs")
        : Path.of(System.getProperty("user.home"), ".config/sandpool/certs");
  }
}
