package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.POOL;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.sandpool.model.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Our own endpoints that stream. */
class ImagesAndConsoleTest extends ManagementTestBase {
  @TempDir Path folder;

  private ManagementFixture.Reply importFile(String file, String name) throws IOException {
    Path archive = folder.resolve(file);
    Files.writeString(archive, "x");
    return server.call(
        "POST",
        "/sandpool/images/import",
        "{\"path\":\"%s\",\"name\":\"%s\"}".formatted(archive, name));
  }

  @Test
  void import_tellsStepsThenTheImage() throws Exception {
    var reply = importFile("image.tar", "sample:1");

    var lines = reply.text().lines().toList();
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.header("content-type")).startsWith("application/x-ndjson");
    assertThat(lines.get(0)).isEqualTo("{\"step\":\"reading image.tar\"}");
    assertThat(Json.MAPPER.readTree(lines.get(2)).at("/image/digest").asString())
        .isEqualTo(FakePools.DIGEST);
    assertThat(server.call("GET", "/sandpool/images").at("/value/0/names/0").asString())
        .isEqualTo("sample:1");
  }

  @Test
  void import_failure_isTheLastLine() throws Exception {
    var last = importFile("broken.tar", "sample:1").text().lines().toList().getLast();

    assertThat(Json.MAPPER.readTree(last).at("/error/code").asString()).isEqualTo("NotAnImage");
  }

  @Test
  void import_wrongPath_isRefusedBeforeAnythingStreams() {
    for (String path : new String[] {"", "relative", folder.toString(), folder + "/none"}) {
      var reply =
          server.call(
              "POST",
              "/sandpool/images/import",
              "{\"path\":\"%s\",\"name\":\"-x\"}".formatted(path));
      assertThat(reply.status()).isEqualTo(400);
      assertThat(reply.at("/error/details")).hasSize(2);
    }
  }

  @Test
  void remove_imageOfAPool_isRefused() throws Exception {
    importFile("image.tar", "sample:1");
    server.createPool();
    String body = "{\"name\":\"sample:1\"}";

    var inUse = server.call("POST", "/sandpool/images/remove", body);
    server.call("DELETE", POOL + ManagementFixture.VERSION);
    server.pools.settle();
    var removed = server.call("POST", "/sandpool/images/remove", body);
    var missing = server.call("POST", "/sandpool/images/remove", body);

    assertThat(inUse.status()).isEqualTo(409);
    assertThat(inUse.at("/error/code").asString()).isEqualTo("ImageInUse");
    assertThat(removed.status()).isEqualTo(204);
    assertThat(missing.status()).isEqualTo(404);
  }

  @Test
  void remove_imageThatOnlyASessionOfAnOlderRevisionRuns_isRefused() throws Exception {
    importFile("image.tar", "sample:1");
    String digest = server.call("GET", "/sandpool/images").at("/value/0/digest").asString();
    server.pools.run(digest);

    var reply = server.call("POST", "/sandpool/images/remove", "{\"name\":\"sample:1\"}");

    assertThat(reply.status()).isEqualTo(409);
  }

  @Test
  void console_isAnsweredAsItIs() {
    server.createPool();
    server.console.set(new ByteArrayInputStream("line\n".getBytes(StandardCharsets.UTF_8)));

    var reply = server.call("POST", POOL + "/readConsole", "{\"identifier\":\"known\"}");

    assertThat(reply.text()).isEqualTo("line\n");
    assertThat(reply.header("content-type")).isEqualTo("text/plain; charset=utf-8");
  }

  @Test
  void console_ofNoSession_is404() {
    assertThat(console("{\"identifier\":\"known\"}")).isEqualTo(404);
    server.createPool();
    assertThat(console("{\"identifier\":\"unknown\"}")).isEqualTo(404);
    assertThat(console("{\"identifier\":\"known\"}")).isEqualTo(404);
    assertThat(console("{}")).isEqualTo(400);
  }

  private int console(String body) {
    return server.call("POST", POOL + "/readConsole", body).status();
  }

  /** A follower that leaves must not keep a thread and a file open for the sandbox's life. */
  @Test
  void console_callerLeaves_endsTheWaitingRead() throws Exception {
    server.createPool();
    var closed = new CountDownLatch(1);
    try (var writer = new PipedOutputStream();
        var pipe = new PipedInputStream(writer)) {
      server.console.set(new WatchedStream(pipe, closed));
      writer.write("first\n".getBytes(StandardCharsets.UTF_8));
      writer.flush();
      var response =
          server.stream("POST", POOL + "/readConsole?follow=true", "{\"identifier\":\"known\"}");
      try (InputStream body = response.body()) {
        assertThat(new String(body.readNBytes(6), StandardCharsets.UTF_8)).isEqualTo("first\n");
      }

      await().until(() -> closed.getCount() == 0);
    }
  }

  private static final class WatchedStream extends InputStream {
    private final InputStream inner;
    private final CountDownLatch closed;

    WatchedStream(InputStream inner, CountDownLatch closed) {
      this.inner = inner;
      this.closed = closed;
    }

    @Override
    public int read() throws IOException {
      return inner.read();
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      return inner.read(into, offset, length);
    }

    @Override
    public void close() throws IOException {
      closed.countDown();
      inner.close();
    }
  }
}
