package dev.sandpool.bench;

import dev.sandpool.bench.Proxies.Proxy;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Other proxies that do what the gateway does, as far as their configuration can say it: the
 * argument {@code identifier} chooses one of many backends, and each request is logged.
 */
final class SessionPeers {
  /** Sessions that requests go to, each with a backend of its own. */
  static final int SESSIONS = 100;

  /** Identifiers that the proxies know. */
  private static final int KNOWN = 1000;

  private final Bench bench;
  private final Path folder;
  private final int backend;
  private final boolean tls;

  /**
   * @param folder with {@code cert.pem} and {@code key.pem}, if they are to speak TLS
   * @param backend where all sessions' backends are
   */
  SessionPeers(Bench bench, Path folder, int backend, boolean tls) {
    this.bench = bench;
    this.folder = folder;
    this.backend = backend;
    this.tls = tls;
  }

  /** The identifiers of the sessions that are asked. */
  static List<String> identifiers() {
    return IntStream.rangeClosed(1, SESSIONS).mapToObj("bench-%06d"::formatted).toList();
  }

  /** Writes {@code cert.pem} and {@code key.pem}, and both in {@code both.pem}. */
  static void writeCertificate(Path folder) throws IOException {
    Path certificate = folder.resolve("cert.pem");
    Path key = folder.resolve("key.pem");
    Child.run(
        Map.of(),
        List.of(
            ("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj"
                    + " /CN=localhost -keyout KEY -out CERT")
                .replace("KEY", key.toString())
                .replace("CERT", certificate.toString())
                .split(" ", -1)));
    Bench.writePrivate(
        folder.resolve("both.pem"), Files.readString(certificate) + Files.readString(key));
  }

  private static String each(int count, IntFunction<String> line) {
    return IntStream.rangeClosed(1, count).mapToObj(line).collect(Collectors.joining());
  }

  /** Which session each identifier is: lines of {@code identifier session}, with that end. */
  private Path map(String end) throws IOException {
    Path map = Files.createTempFile(folder, "sessions", ".map");
    Files.writeString(
        map,
        each(KNOWN, i -> "bench-%06d session%d%s\n".formatted(i, (i - 1) % SESSIONS + 1, end)));
    return map;
  }

  /** What stands in nginx' http block; {@code TLS} and names in capitals are put in. */
  static final String NGINX =
      """
      map_hash_max_size 4096;
      map $arg_identifier $session { include MAP; }   # bench-000001 session1; ...
      upstream session1 {                             # one for each of the sessions
        server 127.0.0.1:BACKEND;
        keepalive 32;
        keepalive_requests 1000000000;
      }
      log_format line escape=json '{"time":"$time_iso8601","request":"$request_id",'
        '"session":"$session","method":"$request_method","path":"$uri",'
        '"protocol":"$server_protocol","status":$status,"connect":"$upstream_connect_time",'
        '"firstByte":"$upstream_header_time","total":$request_time}';
      server {
        listen 127.0.0.1:PORT TLS;
        access_log FOLDER/nginx-access.log line buffer=64k flush=1s;
        location / {
          if ($session = "") { return 404; }
          proxy_pass http://$session;
          proxy_http_version 1.1;
          proxy_buffers 16 16k;
          proxy_max_temp_file_size 0;
          proxy_request_buffering off;
          client_max_body_size 0;
          proxy_set_header Connection "";
          proxy_set_header Authorization "";
          proxy_set_header X-Request-Id $request_id;
          proxy_set_header X-Forwarded-For $remote_addr;
          proxy_set_header X-Forwarded-Proto $scheme;
          add_header X-Request-Id $request_id;
        }
      }
      """;

  Proxy nginx() throws IOException {
    int port = Ports.free();
    String speaks =
        tls
            ? "ssl;\n  ssl_certificate %1$s/cert.pem;\n  ssl_certificate_key %1$s/key.pem"
                .formatted(folder)
            : "";
    String first = NGINX.substring(NGINX.indexOf("upstream"), NGINX.indexOf("log_format"));
    String servers =
        NGINX
            .replace(first, each(SESSIONS, i -> first.replace("session1 {", "session" + i + " {")))
            .replace("MAP", map(";").toString())
            .replace("BACKEND", Integer.toString(backend))
            .replace("FOLDER", folder.toString())
            .replace("PORT", Integer.toString(port))
            .replace(" TLS", tls ? " " + speaks : "");
    return Proxies.startNginx(bench, "nginx", port, servers).withTls(tls);
  }

  /** What haproxy is told; {@code TLS} and names in capitals are put in. */
  static final String HAPROXY =
      """
      global
        nbthread 1
        maxconn 4096
        log stdout format raw daemon        # into a file
      defaults
        mode http
        timeout connect 5s
        timeout client 300s
        timeout server 300s
        http-reuse always
        option forwardfor
        unique-id-format %{+X}o%pid%Ts%rt
        unique-id-header X-Request-Id
        log global
        log-format '{"time":"%Tl","request":"%ID","session":"%b","method":"%HM","path":"%HPO",\
      "protocol":"%HV","status":%ST,"connect":%Tc,"firstByte":%Tr,"total":%Ta}'
      frontend front
        bind 127.0.0.1:PORT TLS
        http-request del-header Authorization
        http-request set-header X-Forwarded-Proto http
        http-response set-header X-Request-Id %[unique-id]
        use_backend %[url_param(identifier),map(MAP)]   # bench-000001 session1 ...
      backend session1                                  # one for each of the sessions
        server sandbox 127.0.0.1:BACKEND
      """;

  Proxy haproxy() throws IOException {
    int port = Ports.free();
    String first = HAPROXY.substring(HAPROXY.indexOf("backend session1"));
    Path config = folder.resolve("haproxy.cfg");
    Files.writeString(
        config,
        HAPROXY
            .replace(first, each(SESSIONS, i -> first.replace("session1", "session" + i)))
            .replace("MAP", map("").toString())
            .replace("BACKEND", Integer.toString(backend))
            .replace("PORT", Integer.toString(port))
            .replace(" TLS", tls ? " ssl crt " + folder.resolve("both.pem") : ""));
    return Proxies.startHaproxy(bench, folder, config, port).withTls(tls);
  }

  /** The proxy before Jupyter's notebooks, with a route by path for each session. */
  Proxy configurable() throws Exception {
    int port = Ports.free();
    int api = Ports.free();
    List<String> command =
        Stream.of(
                // Debian's own node looks there without being told.
                "env NODE_PATH=/usr/share/nodejs",
                "configurable-http-proxy --ip 127.0.0.1 --port %d --api-ip 127.0.0.1 --api-port %d"
                    .formatted(port, api),
                "--log-level error",
                tls ? "--ssl-cert %1$s/cert.pem --ssl-key %1$s/key.pem".formatted(folder) : "")
            .flatMap(words -> Stream.of(words.split(" ", -1)))
            .filter(word -> !word.isEmpty())
            .toList();
    Child process = Child.start("configurable-http-proxy", folder, command);
    Proxy proxy = Proxies.started(bench, process, port).withTls(tls);
    process.awaitPort(api);
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (String identifier : identifiers()) {
        addRoute(client, api, identifier);
      }
    }
    return proxy;
  }

  private void addRoute(HttpClient client, int api, String identifier) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + api + "/api/routes/" + identifier))
            .POST(BodyPublishers.ofString("{\"target\":\"http://127.0.0.1:" + backend + "\"}"))
            .build();
    HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
    if (answer.statusCode() != 201) {
      throw new IOException("no route for " + identifier + ": " + answer.statusCode());
    }
  }

  /** The server's gateway with its access log. */
  Proxy sandpool() throws IOException {
    List<String> options =
        tls ? List.of(ProxyServer.LOG, ProxyServer.TLS) : List.of(ProxyServer.LOG);
    return Proxies.sandpool(bench, folder, backend, options);
  }
}
