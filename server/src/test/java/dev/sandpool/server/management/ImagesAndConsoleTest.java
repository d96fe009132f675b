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
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** Our own endpoints that stream. */
class ImagesAndConsoleTest extends ManagementTestBase {
  private ManagementFixture.Reply importBytes(String bytes, String name) {
    String id = begin(bytes.length());
    server.call("PUT", "/sandpool/images/uploads/" + id + "?offset=0", bytes);
    return importUpload(id, name);
  }

  private String begin(long size) {
    var reply = server.call("POST", "/sandpool/images/uploads", "{\"sizeBytes\":" + size + "}");
    assertThat(reply.status()).as(reply.text()).isEqualTo(201);
    assertThat(reply.at("/chunkBytes").asInt()).isEqualTo(1 << 20);
    return reply.at("/id").asString();
  }

  private ManagementFixture.Reply importUpload(String id, String name) {
    return server.call(
        "POST",
        "/sandpool/images/import",
        "{\"upload\":\"%s\",\"name\":\"%s\"}".formatted(id, name));
  }

  @Test
  void import_tellsStepsThenTheImageAndKeepsNoArchive() throws Exception {
    var reply = importBytes("an image", "sample:1");

    var lines = reply.text().lines().toList();
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.header("content-type")).startsWith("application/x-ndjson");
    assertThat(lines.get(0)).isEqualTo("{\"step\":\"reading archive\"}");
    assertThat(Json.MAPPER.readTree(lines.get(2)).at("/image/digest").asString())
        .isEqualTo(FakePools.DIGEST);
    assertThat(server.call("GET", "/sandpool/images").at("/value/0/names/0").asString())
        .isEqualTo("sample:1");
    noArchiveIsLeft();
  }

  @Test
  void import_failure_isTheLastLineAndKeepsNoArchive() throws Exception {
    var last = importBytes("broken", "sample:1").text().lines().toList().getLast();

    assertThat(Json.MAPPER.readTree(last).at("/error/code").asString()).isEqualTo("NotAnImage");
    noArchiveIsLeft();
  }

  private void noArchiveIsLeft() throws IOException {
    try (var left = Files.list(server.folder.resolve("uploads"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void import_ofWhatWasNotUploaded_isRefusedBeforeAnythingStreams() {
    var unnamed = importUpload("", "-x");
    assertThat(unnamed.status()).isEqualTo(400);
    assertThat(unnamed.at("/error/details")).hasSize(2);
    assertThat(importUpload("../../etc", "sample:1").status()).isEqualTo(404);
    String half = begin(4);
    server.call("PUT", "/sandpool/images/uploads/" + half + "?offset=0", "ab");
    var early = importUpload(half, "sample:1");
    assertThat(early.status()).isEqualTo(409);
    assertThat(early.at("/error/message").asString())
        .isEqualTo("The upload is not whole: 2 of 4 bytes are here.");
    server.call("PUT", "/sandpool/images/uploads/" + half + "?offset=2", "cd");
    assertThat(importUpload(half, "sample:1").status()).isEqualTo(200);
  }

  @Test
  void upload_keepsToItsPlaceAndItsBounds() {
    assertThat(server.call("POST", "/sandpool/images/uploads", "{\"sizeBytes\":0}").status())
        .isEqualTo(400);
    var large = server.call("POST", "/sandpool/images/uploads", "{\"sizeBytes\":3145729}");
    assertThat(large.status()).isEqualTo(413);
    assertThat(large.at("/error/code").asString()).isEqualTo("ImageTooLarge");
    String id = begin(4);
    String path = "/sandpool/images/uploads/" + id;
    assertThat(server.call("PUT", path, "ab").status()).isEqualTo(400);
    assertThat(server.call("PUT", path + "?offset=1", "ab").status()).isEqualTo(409);
    assertThat(server.call("PUT", path + "?offset=0", "ab").status()).isEqualTo(200);
    assertThat(server.call("PUT", path + "?offset=0", "ab").at("/receivedBytes").asInt())
        .as("repeated")
        .isEqualTo(2);
    assertThat(server.call("PUT", path + "?offset=2", "abc").status())
        .as("too much")
        .isEqualTo(409);
    begin(1);
    assertThat(server.call("POST", "/sandpool/images/uploads", "{\"sizeBytes\":1}").status())
        .isEqualTo(429);
    assertThat(server.call("DELETE", path).status()).isEqualTo(204);
    assertThat(server.call("PUT", path + "?offset=2", "cd").status()).isEqualTo(404);
    begin(1);
  }

  @Test
  void remove_imageOfAPool_isRefused() throws Exception {
    importBytes("an image", "sample:1");
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
    importBytes("an image", "sample:1");
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
