package dev.sandpool.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The backend and the three proxies before it, each limited to one worker or event loop. */
final class Proxies {
  private Proxies() {}

  /** A proxy that runs; {@code port} on loopback. */
  record Proxy(String name, Child process, int port) {}

  /** Answers every request at once with the same few bytes. */
  static Proxy backend(Bench bench) throws IOException {
    int port = Ports.free();
    return startNginx(
        bench,
        "backend",
        port,
        """
      server {
        listen 127.0.0.1:%d;
        location / { default_type text/plain; return 200 "Hello, world!\\n"; }
      }
      """
            .formatted(port));
  }

  static Proxy nginx(Bench bench, int backend) throws IOException {
    int port = Ports.free();
    return startNginx(
        bench,
        "nginx",
        port,
        """
      upstream backend {
        server 127.0.0.1:%2$d;
        keepalive 64;
        keepalive_requests 1000000000;
      }
      server {
        listen 127.0.0.1:%1$d;
        location / {
          proxy_pass http://backend;
          proxy_http_version 1.1;
          proxy_set_header Connection "";
        }
      }
      """
            .formatted(port, backend));
  }

  private static Proxy startNginx(Bench bench, String name, int port, String servers)
      throws IOException {
    Path folder = bench.folder(name);
    Path config = folder.resolve("nginx.conf");
    Files.writeString(
        config,
        """
      daemon off;
      user root;
      worker_processes 1;
      pid %1$s/nginx.pid;
      error_log %1$s/error.log warn;
      events { worker_connections 4096; }
      http {
        access_log off;
        client_body_temp_path %1$s/body;
        proxy_temp_path %1$s/proxy;
        fastcgi_temp_path %1$s/fastcgi;
        uwsgi_temp_path %1$s/uwsgi;
        scgi_temp_path %1$s/scgi;
        keepalive_requests 1000000000;
        keepalive_timeout 300s;
        %2$s
      }
      """
            .formatted(folder, servers));
    List<String> command =
        List.of(
            "nginx",
            "-p",
            folder.toString(),
            "-e",
            folder.resolve("error.log").toString(),
            "-c",
            config.toString());
    return started(bench, Child.start(name, folder, command), port);
  }

  static Proxy haproxy(Bench bench, int backend) throws IOException {
    int port = Ports.free();
    Path folder = bench.folder("haproxy");
    Path config = folder.resolve("haproxy.cfg");
    Files.writeString(
        config,
        """
      global
        nbthread 1
        maxconn 4096
      defaults
        mode http
        timeout connect 5s
        timeout client 300s
        timeout server 300s
        http-reuse always
      frontend front
        bind 127.0.0.1:%d
        default_backend back
      backend back
        server backend 127.0.0.1:%d
      """
            .formatted(port, backend));
    List<String> command = List.of("haproxy", "-db", "-f", config.toString());
    return started(bench, Child.start("haproxy", folder, command), port);
  }

  private static Proxy started(Bench bench, Child process, int port) throws IOException {
    bench.cleanup().add(process).awaitPort(port);
    return new Proxy(process.toString(), process, port);
  }

  /** The server's gateway, in a JVM with the launcher's flags. */
  static Proxy sandpool(Bench bench, Path folder, int backend) throws IOException {
    List<String> command =
        List.of(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "--enable-native-access=ALL-UNNAMED",
            "-XX:+ExitOnOutOfMemoryError",
            "-cp",
            System.getProperty("java.class.path"),
            ProxyServer.class.getName(),
            folder.toString(),
            Integer.toString(backend));
    Child process = bench.cleanup().add(Child.start("sandpool", folder, command));
    return new Proxy(
        "sandpool", process, Integer.parseInt(process.await("ready ", Duration.ofSeconds(60))));
  }
}
