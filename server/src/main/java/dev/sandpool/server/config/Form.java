package dev.sandpool.server.config;

import dev.sandpool.model.Isolation;
import dev.sandpool.server.audit.SyslogAddress;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.regex.Pattern;

/**
 * How a value is written: the words that say what is accepted, and the parser, which throws {@link
 * IllegalArgumentException} for anything else.
 */
record Form<T>(String accepted, Function<String, T> parser) {
  private static final Pattern DOMAIN =
      Pattern.compile(
          "(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*");
  private static final Pattern HOSTS = Pattern.compile("(\\*\\.)?" + DOMAIN.pattern());
  private static final Pattern REGISTRY = Pattern.compile("[A-Za-z0-9._\\[\\]:-]{1,259}");

  private static final Pattern MIRROR =
      Pattern.compile(
          "[a-z0-9.-]+(:[0-9]{1,5})?(/[a-z0-9._/-]+)?=[a-z0-9.-]+(:[0-9]{1,5})?(/[a-z0-9._/-]+)?");

  private static final Pattern CURRENCY = Pattern.compile("\\p{L}{1,12}");
  private static final Pattern WORD = Pattern.compile("[!-~]{1,512}");
  private static final Pattern SCOPE =
      Pattern.compile("/|/subscriptions/[^/\\s]{1,64}(/resourceGroups/[^/\\s]{1,90})?");
  private static final Pattern ID_PAIR = Pattern.compile("[0-9a-fA-F-]{36}=[!-~]{1,128}");

  /** What no sandbox may be let to: the host itself, its neighbours, metadata, multicast. */
  private static final List<Cidr> NEVER_ALLOWED =
      List.of(
          Cidr.parse("0.0.0.0/8", 8, 8),
          Cidr.parse("127.0.0.0/8", 8, 8),
          Cidr.parse("169.254.0.0/16", 16, 16),
          Cidr.parse("224.0.0.0/3", 3, 3));

  static Form<Integer> integer(int least, int most) {
    return new Form<>(
        least + " to " + most, text -> (int) within(Long.parseLong(text), least, most));
  }

  static Form<Double> decimal(double least, double most) {
    return new Form<>(
        least + " to " + most,
        text -> {
          double value = Double.parseDouble(text);
          require(value >= least && value <= most);
          return value;
        });
  }

  /** An amount of money, as exact as it was written. */
  static Form<BigDecimal> price() {
    return new Form<>(
        "0 to 1000000, such as 0.000024",
        text -> {
          var price = new BigDecimal(text);
          require(price.signum() >= 0 && price.compareTo(BigDecimal.valueOf(1_000_000)) <= 0);
          require(price.scale() <= 18);
          return price;
        });
  }

  static Form<String> currency() {
    return matching("a label of 1 to 12 letters, such as EUR", CURRENCY);
  }

  static Form<Duration> duration(String least, String most) {
    Duration from = Durations.parse(least);
    Duration to = Durations.parse(most);
    return new Form<>(
        "a duration from " + least + " to " + most,
        text -> {
          Duration value = Durations.parse(text);
          require(value.compareTo(from) >= 0 && value.compareTo(to) <= 0);
          return value;
        });
  }

  static Form<Long> size(String least, String most) {
    long from = Sizes.parse(least);
    long to = Sizes.parse(most);
    return new Form<>(
        "a size from " + least + " to " + most, text -> within(Sizes.parse(text), from, to));
  }

  static Form<ListenAddress> address() {
    return new Form<>("HOST:PORT, port 0 for any free one", ListenAddress::parse);
  }

  static Form<Cidr> cidr() {
    return new Form<>(
        "an IPv4 range ADDRESS/PREFIX, prefix 8 to 24", text -> Cidr.parse(text, 8, 24));
  }

  static Form<Cidr> range() {
    return new Form<>(
        "an IPv4 range ADDRESS/PREFIX, prefix 8 to 32", text -> Cidr.parse(text, 8, 32));
  }

  static Form<Cidr> allowedRange() {
    return new Form<>(
        "an IPv4 range ADDRESS/PREFIX, prefix 8 to 32, not of 0.0.0.0/8, 127.0.0.0/8,"
            + " 169.254.0.0/16 or 224.0.0.0/3",
        text -> {
          Cidr range = Cidr.parse(text, 8, 32);
          require(NEVER_ALLOWED.stream().noneMatch(range::overlaps));
          return range;
        });
  }

  static Form<String> resolver() {
    return new Form<>(
        "an IPv4 address, not of 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16 or 224.0.0.0/3",
        text -> {
          Cidr address = Cidr.parse(text + "/32", 32, 32);
          require(NEVER_ALLOWED.stream().noneMatch(address::overlaps));
          return text;
        });
  }

  static Form<Path> absolutePath() {
    return new Form<>(
        "an absolute path",
        text -> {
          Path path = Path.of(text);
          require(path.isAbsolute());
          return path;
        });
  }

  static Form<String> domain() {
    return matching("a DNS domain in lower case", DOMAIN);
  }

  /** A host, or all hosts directly below a domain. */
  static Form<String> hosts() {
    return matching("a host name in lower case, or *.DOMAIN", HOSTS);
  }

  static Form<String> registry() {
    return matching("HOST or HOST:PORT", REGISTRY);
  }

  static Form<String> mirror() {
    return matching("HOST[:PORT][/PATH]=HOST[:PORT][/PATH]", MIRROR);
  }

  static Form<String> oneOf(String... words) {
    return new Form<>(
        "one of " + String.join(", ", words),
        text -> {
          require(Arrays.asList(words).contains(text));
          return text;
        });
  }

  static Form<SyslogAddress> syslog() {
    return new Form<>("udp://HOST[:PORT], tcp://HOST[:PORT] or unix:///PATH", SyslogAddress::parse);
  }

  static Form<Boolean> yesOrNo() {
    return new Form<>(
        "true or false",
        text -> {
          require(text.equals("true") || text.equals("false"));
          return Boolean.parseBoolean(text);
        });
  }

  static Form<String> text() {
    return new Form<>(
        "1 to 256 characters",
        text -> {
          require(!text.isBlank() && text.length() <= 256);
          return text;
        });
  }

  static Form<Isolation> isolation() {
    List<String> labels = Arrays.stream(Isolation.values()).map(Isolation::label).toList();
    return new Form<>(
        "one of " + String.join(", ", labels),
        text -> Isolation.ofLabel(text).orElseThrow(IllegalArgumentException::new));
  }

  /** An origin: no user, query or fragment, because paths are appended to it. */
  static Form<URI> origin() {
    return new Form<>(
        "http://HOST[:PORT][/PATH] or https://...",
        text -> {
          URI uri = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
          require("http".equals(uri.getScheme()) || "https".equals(uri.getScheme()));
          require(uri.getHost() != null && uri.getUserInfo() == null);
          require(uri.getQuery() == null && uri.getFragment() == null);
          return uri;
        });
  }

  /** Where secrets are sent: with TLS, or not beyond this host. */
  static Form<URI> secureUrl() {
    return new Form<>(
        "https://HOST[:PORT]/PATH, or http:// of 127.0.0.1 or localhost",
        text -> {
          URI uri = URI.create(text);
          boolean here =
              "http".equals(uri.getScheme()) && isLoopback(String.valueOf(uri.getHost()));
          require("https".equals(uri.getScheme()) || here);
          require(uri.getHost() != null && uri.getUserInfo() == null && uri.getFragment() == null);
          return uri;
        });
  }

  /** By the names that nobody can turn elsewhere. */
  static boolean isLoopback(String host) {
    return List.of("127.0.0.1", "localhost", "[::1]").contains(host);
  }

  static Form<String> word(String accepted) {
    return matching(accepted + " of visible ASCII characters", WORD);
  }

  static Form<String> scope() {
    return matching("/ or /subscriptions/ID[/resourceGroups/NAME]", SCOPE);
  }

  static Form<String> idPair() {
    return matching("PRINCIPAL-ID=CLIENT-ID", ID_PAIR);
  }

  private static Form<String> matching(String accepted, Pattern pattern) {
    return new Form<>(
        accepted,
        text -> {
          require(pattern.matcher(text).matches());
          return text;
        });
  }

  private static long within(long value, long least, long most) {
    require(value >= least && value <= most);
    return value;
  }

  private static void require(boolean holds) {
    if (!holds) {
      throw new IllegalArgumentException();
    }
  }
}
