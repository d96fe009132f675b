package dev.sandpool.e2e;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A real registry (Debian's docker-registry) on a free port of loopback, without TLS, that wants a
 * user and a password. Closing it ends its process; its files are in a directory of the caller.
 */
public final class TestRegistry implements AutoCloseable {
  /** The only user. */
  public static final String USER = "tester";

  /** The user's password. */
  public static final String PASSWORD = "s3cret: of the test";

  /**
   * Where a registry sends its clients for tokens, and whom it believes.
   *
   * @param root the certificate that it trusts, as text
   * @param user of the token server, who may push
   */
  public record TokenServer(
      String realm, String service, String issuer, String root, String user, String password) {
    @Override
    public String toString() {
      return "TokenServer[" + realm + "]"; // a record would print the password
    }
  }

  private final Path directory;
  private final int port;
  private Process process;

  /** Starts one that keeps everything in that directory, and waits until it answers. */
  public TestRegistry(Path directory) throws IOException, InterruptedException {
    this(directory, false, Optional.empty());
  }

  /** The same that knows no users, but a token server. */
  public static TestRegistry withTokenServer(Path directory, TokenServer server)
      throws IOException, InterruptedException {
    return new TestRegistry(directory, false, Optional.of(server));
  }

  /** The same that speaks TLS only, with a certificate of an authority that nobody knows. */
  public static TestRegistry withTls(Path directory) throws IOException, InterruptedException {
    return new TestRegistry(directory, true, Optional.empty());
  }

  private TestRegistry(Path directory, boolean tls, Optional<TokenServer> tokens)
      throws IOException, InterruptedException {
    this.directory = Files.createDirectories(directory);
    this.port = Ports.free();
    if (tls) {
      makeCertificates();
    }
    writeAuth(
        tokens.map(TokenServer::user).orElse(USER),
        tokens.map(TokenServer::password).orElse(PASSWORD));
    writeConfig(tls, tokens.isPresent() ? tokenLines(tokens.get()) : passwordLines());
    this.process = launch();
  }

  /** {@code 127.0.0.1:PORT}, as image references begin. */
  public String address() {
    return "127.0.0.1:" + port;
  }

  /** Another way to the same: loopback by a name that does not say so, as a foreign host's. */
  public String foreignAddress() {
    return "0.0.0.0:" + port;
  }

  /** The certificate of the authority that the registry's own is from. */
  public Path authority() {
    return directory.resolve("ca.crt");
  }

  private void makeCertificates() throws IOException, InterruptedException {
    Shell.run(
        directory,
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        "ca.key",
        "-out",
        "ca.crt",
        "-days",
        "2",
        "-subj",
        "/CN=test authority");
    Shell.run(
        directory,
        "openssl",
        "req",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        "tls.key",
        "-out",
        "tls.csr",
        "-subj",
        "/CN=registry");
    Files.writeString(directory.resolve("san"), "subjectAltName=IP:0.0.0.0,IP:127.0.0.1\n");
    Shell.run(
        directory,
        "openssl",
        "x509",
        "-req",
        "-in",
        "tls.csr",
        "-CA",
        "ca.crt",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-out",
        "tls.crt",
        "-days",
        "2",
        "-extfile",
        "san");
  }

  /** What the registry has written, a line for each request. */
  public String log() throws IOException {
    return Files.readString(directory.resolve("log"));
  }

  /**
   * Puts an image there.
   *
   * @param source in skopeo's words, {@code oci-archive:FILE} or {@code oci:DIRECTORY:TAG}
   * @param name with tag, without registry
   * @return the whole reference
   */
  public String push(String source, String name) throws IOException, InterruptedException {
    return push(source, name, new String[0]);
  }

  /** The same with further options of {@code skopeo copy}. */
  public String push(String source, String name, String... options)
      throws IOException, InterruptedException {
    String[] command = {
      "skopeo", "copy", "--quiet", "--dest-tls-verify=false", "--dest-authfile", auth().toString()
    };
    String[] ends = {source, "docker://" + address() + "/" + name};
    Shell.run(directory, Shell.join(command, options, ends));
    return address() + "/" + name;
  }

  /** Ends the process, so that nobody answers at the address. */
  public void stop() throws InterruptedException {
    process.destroy();
    if (!process.waitFor(10, TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
    }
  }

  /** Starts it again at the same address with the same images. */
  public void restart() throws IOException, InterruptedException {
    stop();
    process = launch();
  }

  @Override
  public void close() throws InterruptedException {
    stop();
  }

  /** With what skopeo logs in as who may push. */
  public Path auth() {
    return directory.resolve("auth.json");
  }

  private String passwordLines() throws IOException, InterruptedException {
    // The password comes by standard input: arguments are for everybody to read.
    String line = Shell.runWithInput(directory, PASSWORD, "htpasswd", "-niB", "-C", "4", USER);
    Path file = Files.writeString(directory.resolve("htpasswd"), line.strip() + "\n");
    return "  htpasswd:\n    realm: test\n    path: " + file;
  }

  private String tokenLines(TokenServer server) throws IOException {
    Path root = Files.writeString(directory.resolve("root.crt"), server.root());
    return """
      token:
        realm: %s
        service: %s
        issuer: %s
        rootcertbundle: %s\
    """
        .formatted(server.realm(), server.service(), server.issuer(), root);
  }

  private void writeAuth(String user, String password) throws IOException {
    String pair =
        Base64.getEncoder()
            .encodeToString(
                (user + ":" + password).getBytes(java.nio.charset.StandardCharsets.UTF_8));
    Files.createFile(
        auth(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(auth(), "{\"auths\":{\"%s\":{\"auth\":\"%s\"}}}".formatted(address(), pair));
  }

  private void writeConfig(boolean tls, String auth) throws IOException {
    Files.writeString(
        directory.resolve("config.yml"),
        """
        version: 0.1
        log:
          level: info
          accesslog:
            disabled: false
        storage:
          filesystem:
            rootdirectory: %s
          delete:
            enabled: true
        http:
          addr: %s
        %s
        auth:
        %s
        """
            .formatted(directory.resolve("data"), address(), tlsLines(tls), auth));
  }

  private String tlsLines(boolean tls) {
    return tls
        ? "  tls:\n    certificate: %s\n    key: %s"
            .formatted(directory.resolve("tls.crt"), directory.resolve("tls.key"))
        : "";
  }

  private Process launch() throws IOException {
    Process started =
        new ProcessBuilder("docker-registry", "serve", directory.resolve("config.yml").toString())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(directory.resolve("log").toFile()))
            .start();
    // For tests that fail before they could close it.
    Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(started::destroyForcibly));
    try {
      await("the registry answers")
          .atMost(Duration.ofSeconds(20))
          .pollInterval(Duration.ofMillis(20))
          .until(() -> !started.isAlive() || answers());
      if (!started.isAlive()) {
        throw new IOException("docker-registry ended at once: " + log());
      }
      return started;
    } catch (RuntimeException | IOException e) {
      started.destroyForcibly();
      throw e;
    }
  }

  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 1000);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
