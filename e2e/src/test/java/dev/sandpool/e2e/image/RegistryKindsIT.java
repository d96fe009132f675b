package dev.sandpool.e2e.image;

import static dev.sandpool.e2e.image.ImageStoreKit.assertFails;
import static dev.sandpool.e2e.image.ImageStoreKit.content;
import static dev.sandpool.e2e.image.ImageStoreKit.open;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import dev.sandpool.e2e.Ports;
import dev.sandpool.e2e.TestRegistry;
import dev.sandpool.e2e.TinyImage;
import dev.sandpool.server.image.ImageException.Cause;
import dev.sandpool.server.image.ImageStore.Progress;
import dev.sandpool.server.image.PullRequest;
import dev.sandpool.server.image.PullRequest.RegistryLogin;
import dev.sandpool.server.image.Registries;
import dev.sandpool.server.image.Retention;
import dev.sandpool.server.image.SkopeoImageStore;
import dev.sandpool.server.image.StoredImage;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Registries that are not everybody's: a private authority, none at all, mirrors, limits. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class RegistryKindsIT {
  private Path shared;
  private TestRegistry secure;
  private TestRegistry plain;
  private String one;
  private Path directory;

  @BeforeAll
  void startRegistries(@TempDir Path forAll) throws Exception {
    shared = forAll;
    secure = TestRegistry.withTls(shared.resolve("secure"));
    plain = new TestRegistry(shared.resolve("plain"));
    one = TinyImage.make(shared, "one", 1);
    secure.push(one, "team/app:1");
    plain.push(one, "team/app:1");
  }

  @AfterAll
  void stopRegistries() throws Exception {
    secure.close();
    plain.close();
  }

  @BeforeEach
  void place(@TempDir Path fresh) {
    directory = fresh.resolve("images");
  }

  private Registries trusting(String registry) throws Exception {
    Path certificates = shared.resolve("certs");
    Path folder = Files.createDirectories(certificates.resolve(registry));
    Files.writeString(folder.resolve("ca.crt"), Files.readString(secure.authority()));
    return new Registries(Set.of(), Optional.of(certificates), Map.of());
  }

  private static PullRequest request(String registry) {
    return request(registry, TestRegistry.PASSWORD);
  }

  private static PullRequest request(String registry, String password) {
    return new PullRequest(
        registry + "/team/app:1", null, new RegistryLogin(registry, TestRegistry.USER, password));
  }

  @Test
  void anAuthorityThatTheOperatorNamesIsTrusted() throws Exception {
    SkopeoImageStore store = open(directory, trusting(secure.foreignAddress()));
    StoredImage image = store.pull(request(secure.foreignAddress()), Progress.none());
    assertThat(content(directory, image)).isEqualTo("one");
  }

  @Test
  void anAuthorityThatNobodyNamedIsNot() throws Exception {
    assertFails(
        open(directory), directory, request(secure.foreignAddress()), Cause.REGISTRY_UNREACHABLE);
  }

  @Test
  void aWrongPasswordOverTlsIsSaidToBeThat() throws Exception {
    assertFails(
        open(directory, trusting(secure.foreignAddress())),
        directory,
        request(secure.foreignAddress(), "wrong"),
        Cause.UNAUTHORIZED);
  }

  @Test
  void aRegistryWithoutTlsIsOnlyAskedWhereTheOperatorAllowsIt() throws Exception {
    assertFails(
        open(directory), directory, request(plain.foreignAddress()), Cause.REGISTRY_UNREACHABLE);
    var allowed = new Registries(Set.of(plain.foreignAddress()), Optional.empty(), Map.of());
    StoredImage image =
        open(directory, allowed).pull(request(plain.foreignAddress()), Progress.none());
    assertThat(content(directory, image)).isEqualTo("one");
  }

  @Test
  void aMirrorIsAskedFirstAndTheRegistryWhereItHasNothing() throws Exception {
    String named = "127.0.0.1:" + Ports.free();
    var mirrored =
        new Registries(
            Set.of(), Optional.empty(), Map.of(named + "/team", plain.address() + "/team"));
    var login = new RegistryLogin(plain.address(), TestRegistry.USER, TestRegistry.PASSWORD);
    var throughMirror = new PullRequest(named + "/team/app:1", null, login);
    StoredImage image = open(directory, mirrored).pull(throughMirror, Progress.none());
    assertThat(content(directory, image)).isEqualTo("one");
    assertThat(image.names()).containsExactly(named + "/team/app:1");

    var deadMirror = new Registries(Set.of(), Optional.empty(), Map.of(plain.address(), named));
    Path other = directory.resolveSibling("other");
    assertThat(open(other, deadMirror).pull(request(plain.address()), Progress.none()).digest())
        .isEqualTo(image.digest());
  }

  @Test
  void aRegistryThatWantsFewerQuestionsIsSaidToBeThat() throws Exception {
    HttpServer limiting =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    byte[] body =
        "{\"errors\":[{\"code\":\"TOOMANYREQUESTS\",\"message\":\"slow down\"}]}"
            .getBytes(StandardCharsets.UTF_8);
    limiting.createContext(
        "/",
        exchange -> {
          boolean ping = exchange.getRequestURI().getPath().equals("/v2/");
          exchange.getResponseHeaders().add("Content-Type", "application/json");
          exchange.getResponseHeaders().add("Retry-After", "1");
          exchange.sendResponseHeaders(ping ? 200 : 429, ping ? -1 : body.length);
          if (!ping) {
            exchange.getResponseBody().write(body);
          }
          exchange.close();
        });
    limiting.start();
    try {
      String registry = "127.0.0.1:" + limiting.getAddress().getPort();
      assertFails(
          open(directory),
          directory,
          new PullRequest(registry + "/team/app:1", null, null),
          Cause.RATE_LIMITED);
    } finally {
      limiting.stop(0);
    }
  }

  @Test
  void unusedImagesGoByAgeAndSizeAndNeverOneInUseOrImported() throws Exception {
    SkopeoImageStore store = open(directory);
    String first = store.pull(request(plain.address()), Progress.none()).digest();
    String name = plain.push(TinyImage.make(shared, "two", 1), "team/two:1");
    var login = new RegistryLogin(plain.address(), TestRegistry.USER, TestRegistry.PASSWORD);
    String second = store.pull(new PullRequest(name, null, login), Progress.none()).digest();
    Path archive =
        TinyImage.archive(
            TinyImage.make(shared, "three", 1), "oci-archive", shared.resolve("three.tar"));
    String imported = store.importArchive(archive, "three:1", Progress.none()).digest();

    var generous = new Retention(Duration.ofDays(7), 1L << 40);
    Instant now = Instant.now();
    assertThat(store.collect(Set.of(), generous, now)).isEmpty();
    // Whoever has just pulled it may not have recorded that.
    assertThat(store.collect(Set.of(), new Retention(Duration.ZERO, 0), now)).isEmpty();

    Instant later = now.plus(Duration.ofDays(8));
    assertThat(store.collect(Set.of(first), generous, later)).containsExactly(second);
    assertThat(store.find(first)).isPresent();
    assertThat(store.find(imported)).isPresent();

    Instant soonAfter = later.plus(Duration.ofHours(1));
    assertThat(store.collect(Set.of(), generous, soonAfter)).isEmpty();
    assertThat(store.collect(Set.of(), new Retention(Duration.ofDays(7), 0), soonAfter))
        .containsExactly(first);
    assertThat(store.list()).hasSize(1);
  }
}
