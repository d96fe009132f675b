package dev.sandpool.server.workload;

import dev.sandpool.model.Json;
import dev.sandpool.server.certs.TrustedAuthority;
import dev.sandpool.server.identity.RegistryTokens;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;

/**
 * Logins for registries that trade an identity's token for one of their own ({@code
 * /oauth2/exchange}, as Azure's do): what comes back is good as a password where the registry's
 * challenge sends every client anyway, {@code /oauth2/token}. And for those whose token server the
 * built-in authority is: there nothing is traded.
 */
public final class RegistryExchange {
  private static final String NOBODY = RegistryTokens.NOBODY;

  private static final String RESOURCE = "https://containerregistry.azure.net";
  private static final Duration DEADLINE = Duration.ofSeconds(20);
  private static final int MOST_BYTES = 64 << 10;
  private static final Pattern PARAMETER = Pattern.compile("(\\w+)=\"([^\"]*)\"");

  /**
   * What the operator says of registries.
   *
   * @param plain whether a {@code host[:port]} is asked without TLS
   * @param certificates a folder with {@code HOST[:PORT]/ca.crt}
   */
  public record Settings(Predicate<String> plain, Optional<Path> certificates) {}

  /** A name and a password; {@link #toString} keeps the password. */
  public record Login(String username, String password) {
    @Override
    public String toString() {
      return "Login[" + username + "]";
    }
  }

  private final Settings settings;
  private final TokenSource tokens;
  private final RegistryTokens own;
  private final String tenant;

  /**
   * Trades tokens of that source.
   *
   * @param own of registries that send their clients to the built-in authority
   * @param tenant whose identities they are, a GUID
   */
  public RegistryExchange(
      Settings settings, TokenSource tokens, RegistryTokens own, String tenant) {
    this.settings = settings;
    this.tokens = tokens;
    this.own = own;
    this.tenant = tenant;
  }

  /**
   * A login for that registry, good for at least some minutes. Blocks.
   *
   * @param server {@code host[:port]}
   */
  public Login login(Grant grant, String server) throws TokenSource.Refusal {
    URI base = URI.create((settings.plain().test(server) ? "http://" : "https://") + server);
    try (HttpClient client = client(server)) {
      Map<String, String> challenge = challenge(client, base);
      URI realm = URI.create(challenge.getOrDefault("realm", ""));
      String service = challenge.getOrDefault("service", server);
      if (realm.equals(own.realm())) {
        return loginHere(grant, server, service);
      }
      // The token goes to the registry that the pool names, and to nobody whom it names.
      boolean itsOwn =
          base.getAuthority().equalsIgnoreCase(realm.getAuthority())
              && base.getScheme().equals(realm.getScheme())
              && "/oauth2/token".equals(realm.getPath());
      if (!itsOwn) {
        throw new TokenSource.Refusal(
            server + " takes no identities: it has no /oauth2/exchange; use a user and password",
            false);
      }
      return new Login(NOBODY, refreshToken(client, base, service, grant));
    } catch (IllegalArgumentException e) {
      throw new TokenSource.Refusal(server + " answers with an address that is none", false);
    } catch (IOException e) {
      throw new TokenSource.Refusal(server + " cannot be asked: " + e.getMessage(), true);
    } catch (GeneralSecurityException e) {
      throw new TokenSource.Refusal(
          "the certificate of " + server + "'s authority cannot be read: " + e.getMessage(), false);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new TokenSource.Refusal("the server stops", true);
    }
  }

  private Login loginHere(Grant grant, String server, String service) throws TokenSource.Refusal {
    if (!own.serves(service)) {
      throw new TokenSource.Refusal(
          "%s calls itself '%s', which is not among identity.registries".formatted(server, service),
          false);
    }
    return new Login(NOBODY, own.refreshToken(grant.principalId(), grant.clientId(), service));
  }

  private static Map<String, String> challenge(HttpClient client, URI base)
      throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve("/v2/")).timeout(DEADLINE).GET().build();
    HttpResponse<String> response = send(client, request);
    String header =
        response.headers().allValues("www-authenticate").stream()
            .filter(it -> it.regionMatches(true, 0, "Bearer ", 0, 7))
            .findFirst()
            .orElse("");
    Map<String, String> parameters = new LinkedHashMap<>();
    Matcher matcher = PARAMETER.matcher(header);
    while (matcher.find()) {
      parameters.put(matcher.group(1), matcher.group(2));
    }
    return parameters;
  }

  private String refreshToken(HttpClient client, URI base, String service, Grant grant)
      throws IOException, InterruptedException, TokenSource.Refusal {
    Map<String, String> form = new LinkedHashMap<>();
    form.put("grant_type", "access_token");
    form.put("service", service);
    form.put("tenant", tenant);
    form.put("access_token", tokens.token(grant, RESOURCE).value());
    HttpRequest request =
        HttpRequest.newBuilder(base.resolve("/oauth2/exchange"))
            .timeout(DEADLINE)
            .header("content-type", "application/x-www-form-urlencoded")
            .POST(HttpRequest.BodyPublishers.ofString(encoded(form)))
            .build();
    HttpResponse<String> response = send(client, request);
    String token = "";
    try {
      token = Json.MAPPER.readTree(response.body()).path("refresh_token").asString("");
    } catch (JacksonException _) {
      // Then there is none, which is said below.
    }
    if (response.statusCode() != 200 || token.isEmpty()) {
      throw new TokenSource.Refusal(
          base.getAuthority()
              + " does not let the identity "
              + grant.principalId()
              + " in: /oauth2/exchange answered "
              + response.statusCode(),
          response.statusCode() >= 500);
    }
    return token;
  }

  private static HttpResponse<String> send(HttpClient client, HttpRequest request)
      throws IOException, InterruptedException {
    return client.send(
        request,
        HttpResponse.BodyHandlers.limiting(
            HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8), MOST_BYTES));
  }

  private static String encoded(Map<String, String> form) {
    return form.entrySet().stream()
        .map(
            field ->
                field.getKey() + "=" + URLEncoder.encode(field.getValue(), StandardCharsets.UTF_8))
        .collect(Collectors.joining("&"));
  }

  private HttpClient client(String server) throws IOException, GeneralSecurityException {
    HttpClient.Builder builder =
        HttpClient.newBuilder().connectTimeout(DEADLINE).followRedirects(HttpClient.Redirect.NEVER);
    Optional<Path> authority =
        settings.certificates().map(folder -> folder.resolve(server).resolve("ca.crt"));
    if (authority.isPresent() && Files.exists(authority.get())) {
      builder.sslContext(TrustedAuthority.of(authority.get()));
    }
    return builder.build();
  }
}
