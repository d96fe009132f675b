package dev.sandpool.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The backend and the three proxies before it, each limited to one worker or event loop. */
final class Proxies {
  private Proxies() {}

  /** A proxy that runs; {@code port} on loopback. */
  record Proxy(String name, Child process, int port, boolean tls) {
    Proxy(String name, Child process, int port) {
      this(name, process, port, false);
    }

    /** Without a path. */
    String url() {
      return (tls ? "https" : "http") + "://127.0.0.1:" + port;
    }

    Proxy withTls(boolean speaks) {
      return new Proxy(name, process, port, speaks);
    }
  }

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

  /**
   * Answers from files, in whatever folder they are asked for.
   *
   * @param files their names and lengths
   */
  static Proxy fileBackend(Bench bench, Map<String, Integer> files) throws IOException {
    Path folder = bench.folder("files");
    for (Map.Entry<String, Integer> file : files.entrySet()) {
      Files.writeString(folder.resolve(file.getKey()), "x".repeat(file.getValue()));
    }
    int port = Ports.free();
    return startNginx(
        bench,
        "backend",
        port,
        """
        open_file_cache max=100;
        sendfile on;
        tcp_nopush on;
        server {
          listen 127.0.0.1:%d;
          root %s;
          location / { rewrite ^.*/([^/]+)$ /$1 break; }
        }
        """
            .formatted(port, folder));
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

  /**
   * An nginx of one worker.
   *
   * @param servers what stands in its http block, besides that nothing is logged
   */
  static Proxy startNginx(Bench bench, String name, int port, String servers) throws IOException {
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
    return startHaproxy(bench, folder, config, port);
  }

  static Proxy startHaproxy(Bench bench, Path folder, Path config, int port) throws IOException {
    List<String> command = List.of("haproxy", "-db", "-f", config.toString());
    return started(bench, Child.start("haproxy", folder, command), port);
  }

  /** A proxy that has been started, once it listens; closed with the run. */
  static Proxy started(Bench bench, Child process, int port) throws IOException {
    bench.cleanup().add(process).awaitPort(port);
    return new Proxy(process.toString(), process, port);
  }

  /** As the launcher has them, the script {@code sandpool}. */
  private static List<String> heapOptions(int processors) {
    return processors <= 2
        ? List.of("-XX:+UseSerialGC", "-Xms160m", "-Xmn96m")
        : List.of("-Xms64m");
  }

  /** The server's gateway, in a JVM with the launcher's flags. */
  static Proxy sandpool(Bench bench, Path folder, int backend) throws IOException {
    return sandpool(bench, folder, backend, List.of());
  }

  /**
   * The same with options of {@link ProxyServer}.
   *
   * @param options after folder and port
   */
  static Proxy sandpool(Bench bench, Path folder, int backend, List<String> options)
      throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:+ExitOnOutOfMemoryError"));
    command.addAll(heapOptions(Runtime.getRuntime().availableProcessors()));
    command.addAll(
        List.of(
            "-cp",
            System.getProperty("java.class.path"),
            ProxyServer.class.getName(),
            folder.toString(),
            Integer.toString(backend)));
    command.addAll(options);
    Child process = bench.cleanup().add(Child.start("sandpool", folder, command));
    int port = Integer.parseInt(process.await("ready ", Duration.ofSeconds(60)));
    return new Proxy("sandpool", process, port, options.contains(ProxyServer.TLS));
  }
}
