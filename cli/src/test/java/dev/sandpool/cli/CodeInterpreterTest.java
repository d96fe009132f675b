package dev.sandpool.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class CodeInterpreterTest extends CliTestBase {
  private static final String SESSION = " -n p -g my-group --identifier user-1";

  @Test
  void failedCodeIsAnAnswerAndNotAFailedCommand() {
    server.on(
        "POST /p/executions",
        200,
        "{\"status\":\"Failed\",\"result\":{\"stderr\":\"ZeroDivisionError\"}}");
    var done =
        user.type(
            "sandpool session code-interpreter execute --code 1/0 --query status -o tsv" + SESSION);
    assertThat(done.code()).isZero();
    assertThat(done.out()).isEqualTo("Failed\n");
    assertThat(server.the("POST /p/executions").authorization()).isEqualTo("Bearer token-1");
  }

  @Test
  void uploadedFileArrivesAsItIsUnderItsName() throws IOException {
    server.on("POST /p/files", 200, "{\"name\":\"q\\\"x.txt\"}");
    Path file = Files.writeString(home.resolve("q\"x.txt"), "one\r\n\r\n--two");
    var done =
        user.run(
            "session",
            "code-interpreter",
            "upload-file",
            "-n",
            "p",
            "-g",
            "my-group",
            "-i",
            "user-1",
            "--filepath",
            file.toString(),
            "--query",
            "name",
            "-o",
            "tsv");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.out()).isEqualTo("q\"x.txt\n");
    String body = server.the("POST /p/files").body();
    assertThat(body)
        .matches(
            "(?s)--(sandpool-[0-9a-f-]{36})\r\n"
                + "Content-Disposition: form-data; name=\"file\"; filename=\"q%22x\\.txt\"\r\n"
                + "Content-Type: application/octet-stream\r\n\r\n"
                + "one\r\n\r\n--two\r\n--\\1--\r\n");
  }

  /** A gateway that refuses an upload before it comes must not look like one that is away. */
  @Test
  void refusalBeforeALongUploadIsShown() throws Exception {
    Path file = home.resolve("big");
    Files.write(file, new byte[32 << 20]);
    try (var early = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      Thread answer =
          Thread.ofVirtual()
              .start(
                  () -> {
                    try (var socket = early.accept()) {
                      readHead(socket.getInputStream());
                      String body =
                          "{\"error\":{\"code\":\"FileTooLarge\",\"message\":\"at most 1\"}}";
                      String head =
                          "HTTP/1.1 413 Too Large\r\nConnection: close\r\nContent-Length: ";
                      socket
                          .getOutputStream()
                          .write((head + body.length() + "\r\n\r\n" + body).getBytes(UTF_8));
                      socket.shutdownOutput();
                    } catch (IOException e) {
                      throw new UncheckedIOException(e);
                    }
                  });
      server.on(
          "GET " + StubServer.pool("q"),
          200,
          "{\"properties\":{\"poolManagementEndpoint\":\"http://127.0.0.1:%d/q\"}}"
              .formatted(early.getLocalPort()));
      var failed =
          user.type(
              "sandpool session code-interpreter upload-file -n q -g my-group -i user-1 --filepath "
                  + file);
      answer.join();
      assertThat(failed.code()).isEqualTo(1);
      assertThat(failed.err()).contains("(FileTooLarge) at most 1");
    }
  }

  @Test
  void contentIsQuotedOnceMoreAsAzDoes() {
    server.on("GET /p/files/a.txt/content", 200, "x\"y\n");
    var shown =
        user.type(
            "sandpool session code-interpreter show-file-content --filename a.txt -o tsv"
                + SESSION);
    assertThat(shown.out()).isEqualTo("\"x\\\"y\\n\"\n");
  }

  @Test
  void missingFileAndMissingPoolEndWithThree() {
    var missing =
        user.type("sandpool session code-interpreter show-file-metadata --filename a" + SESSION);
    assertThat(missing.code()).isEqualTo(3);
    assertThat(
            user.type(
                    "sandpool session code-interpreter list-files -n q -g my-group --identifier i")
                .code())
        .isEqualTo(3);
    assertThat(
            user.type("sandpool session code-interpreter upload-file --filepath /none" + SESSION)
                .err())
        .isEqualTo("ERROR: --filepath: there is no file /none\n");
  }

  @Test
  void imageThatIsNoInterpreterIsNamedAsTheLikelyCause() {
    server.on("POST /p/executions", 200, "<html>");
    var failed = user.type("sandpool session code-interpreter execute --code 1" + SESSION);
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.err()).contains("(NotACodeInterpreter)");
  }

  @Test
  void codeThatTheContainerRefusesTellsItsOwnError() {
    server.on(
        "POST /p/executions",
        400,
        "{\"error\":{\"code\":\"SessionPropertiesMissing\",\"message\":\"no code\"}}");
    var failed = user.type("sandpool session code-interpreter execute --code x" + SESSION);
    assertThat(failed.code()).isEqualTo(1);
    assertThat(failed.err()).isEqualTo("ERROR: (SessionPropertiesMissing) no code\n");
  }

  /** Up to the empty line: what follows would be the body, which must not come. */
  private static void readHead(InputStream in) throws IOException {
    var head = new StringBuilder();
    while (head.indexOf("\r\n\r\n") < 0) {
      head.append((char) in.read());
    }
    assertThat(head.toString()).containsIgnoringCase("Expect: 100-continue");
  }
}
