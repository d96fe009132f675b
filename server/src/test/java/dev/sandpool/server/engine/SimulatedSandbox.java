package dev.sandpool.server.engine;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.sandpool.model.Isolation;
import dev.sandpool.model.NetworkStatus;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;

/** One sandbox of a {@link SimulatedHost}: alive, then ended, then freed. */
final class SimulatedSandbox {
  private final SandboxSpec spec;
  private final Optional<HttpHandler> application;
  private final Isolation isolation;
  private final List<String> lines = new ArrayList<>();
  private @Nullable HttpServer server;
  private @Nullable SandboxExit exit;
  private boolean freed;
  private NetworkStatus network;

  SimulatedSandbox(SandboxSpec spec, Optional<HttpHandler> application, Isolation isolation) {
    this.spec = spec;
    this.application = application;
    this.isolation = isolation;
    this.network = spec.network();
  }

  SandboxSpec spec() {
    return spec;
  }

  RunningSandbox running() {
    return new RunningSandbox(
        spec.id(), spec.slot(), spec.imageDigest(), address(), null, isolation);
  }

  /** All of 127/8 is loopback: slots get addresses of their own, so they can share a port. */
  private String address() {
    int slot = spec.slot();
    return application.isEmpty()
        ? "127.0.0.1"
        : "127.64." + (slot / 250 % 250) + "." + (slot % 250 + 1);
  }

  synchronized void listen() throws SandboxStartException {
    if (application.isEmpty()) {
      return;
    }
    try {
      HttpServer created =
          HttpServer.create(new InetSocketAddress(address(), spec.targetPort()), 0);
      created.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
      created.createContext("/", application.get());
      created.start();
      server = created;
    } catch (IOException e) {
      throw new SandboxStartException(
          SandboxStartException.Cause.HOST, "cannot listen on " + address() + ": " + e, e);
    }
  }

  synchronized NetworkStatus network() {
    return network;
  }

  /** It never gets more than it was started with. */
  synchronized void network(NetworkStatus wanted) {
    network = spec.network() == NetworkStatus.EGRESS_ENABLED ? wanted : spec.network();
  }

  synchronized boolean alive() {
    return exit == null && !freed;
  }

  synchronized Optional<SandboxExit> exit() {
    return freed ? Optional.empty() : Optional.ofNullable(exit);
  }

  synchronized void print(String text) {
    lines.add("2026-11-22T00:00:00.000+00:00 stdout F " + text + "\n");
    notifyAll();
  }

  synchronized String text() {
    return String.join("", lines);
  }

  synchronized boolean end(int exitCode, boolean outOfMemory) {
    if (!alive()) {
      return false;
    }
    exit = new SandboxExit(spec.id(), exitCode, outOfMemory, String.join("", lines));
    closeServer();
    notifyAll();
    return true;
  }

  synchronized void free() {
    freed = true;
    closeServer();
    notifyAll();
  }

  /** Waits until it has ended by itself; empty where it was freed before. */
  synchronized Optional<SandboxExit> awaitExit() throws InterruptedException {
    while (alive()) {
      wait();
    }
    return exit();
  }

  private synchronized void closeServer() {
    if (server != null) {
      server.stop(0);
      server = null;
    }
  }

  private synchronized Optional<String> line(int number, boolean follow) throws IOException {
    while (number >= lines.size()) {
      if (!follow || !alive()) {
        return Optional.empty();
      }
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("interrupted while following", e);
      }
    }
    return Optional.of(lines.get(number));
  }

  InputStream console(boolean follow) {
    return new Console(follow);
  }

  private final class Console extends InputStream {
    private final boolean follow;
    private int next;
    private byte[] current = new byte[0];
    private int position;

    Console(boolean follow) {
      this.follow = follow;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      if (position == current.length) {
        Optional<String> line = line(next, follow);
        if (line.isEmpty()) {
          return -1;
        }
        next++;
        current = line.get().getBytes(StandardCharsets.UTF_8);
        position = 0;
      }
      int count = Math.min(length, current.length - position);
      System.arraycopy(current, position, buffer, offset, count);
      position += count;
      return count;
    }
  }
}
