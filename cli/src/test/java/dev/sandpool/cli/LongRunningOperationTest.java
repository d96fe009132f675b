package dev.sandpool.cli;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LongRunningOperationTest extends CliTestBase {
  private static final String STATUS = "/ops/1";
  private static final String CREATE =
      "sandpool sessionpool create -n p -g my-group --environment my-environment --target-port 80";

  @Test
  void creationIsFollowedToItsEndOnOurOwnAddress() {
    server.on(
        "PUT " + StubServer.pool("p"),
        201,
        "{\"name\":\"early\"}",
        "Azure-AsyncOperation",
        "https://name-nobody-resolves" + STATUS + "?s=1",
        "Retry-After",
        "30");
    server.on("GET " + STATUS, 200, "{\"status\":\"InProgress\"}");
    server.on(
        "GET " + STATUS,
        200,
        "{\"status\":\"InProgress\",\"properties\":{\"phase\":\"pulling image\",\"wanted\":5}}",
        "Retry-After",
        "0");
    server.on(
        "GET " + STATUS,
        200,
        "{\"status\":\"InProgress\",\"properties\":{\"phase\":\"starting\",\"ready\":2,"
            + "\"wanted\":5}}");
    server.on("GET " + STATUS, 200, "{\"status\":\"Succeeded\"}");
    var done = user.type(CREATE + " --query name -o tsv");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.out()).isEqualTo("p\n");
    assertThat(done.err())
        .isEqualTo("p: accepted\np: in progress\np: pulling image\np: starting 2/5\np: ready\n");
    assertThat(user.pauses).containsExactly(1000L, 100L, 0L, 200L);
    assertThat(server.the("GET " + STATUS).query()).isEqualTo("s=1");
  }

  @Test
  void onATerminalOneLineIsRewrittenAndRemoved() {
    server.on(
        "PUT " + StubServer.pool("p"), 201, "{}", "Azure-AsyncOperation", server.url() + STATUS);
    server.on("GET " + STATUS, 200, "{\"status\":\"Succeeded\"}");
    user.terminal = true;
    assertThat(user.type(CREATE).err()).isEqualTo("\r\033[Kp: accepted\r\033[Kp: ready\r\033[K");
  }

  @Test
  void failedOperationIsTheCommandsError() {
    server.on(
        "PUT " + StubServer.pool("p"), 201, "{}", "Azure-AsyncOperation", server.url() + STATUS);
    server.on(
        "GET " + STATUS,
        200,
        "{\"status\":\"Failed\",\"error\":{\"code\":\"ImagePullFailed\",\"message\":\"no route\"}}");
    var done = user.type(CREATE);
    assertThat(done.code()).isEqualTo(1);
    assertThat(done.err()).endsWith("ERROR: (ImagePullFailed) no route\n");
    assertThat(done.out()).isEmpty();
  }

  @Test
  void noWaitPrintsTheFirstAnswer() {
    server.on(
        "PUT " + StubServer.pool("p"),
        201,
        "{\"name\":\"early\"}",
        "Azure-AsyncOperation",
        server.url() + STATUS);
    assertThat(user.type(CREATE + " --no-wait --query name -o tsv").out()).isEqualTo("early\n");
    assertThat(server.lines()).doesNotContain("GET " + STATUS);
  }

  @Test
  void updateFollowsLocationUntilTheResourceComes() {
    server.on("PATCH " + StubServer.pool("p"), 202, "", "Location", server.url() + "/results/1");
    server.on("GET /results/1", 202, "", "Location", server.url() + "/results/2");
    server.on("GET /results/2", 200, "{\"name\":\"changed\"}");
    var done =
        user.type(
            "sandpool sessionpool update -n p -g my-group --max-sessions 9 --query name -o tsv");
    assertThat(done.out()).isEqualTo("changed\n");
  }

  @Test
  void deletionFollowsLocationToNoContent() {
    server.on("DELETE " + StubServer.pool("p"), 202, "", "Location", server.url() + "/results/1");
    server.on("GET /results/1", 202, "");
    server.on("GET /results/1", 204, "");
    var done = user.type("sandpool sessionpool delete -n p -g my-group --yes");
    assertThat(done.code()).as(done.err()).isZero();
    assertThat(done.out()).isEmpty();
    assertThat(done.err()).endsWith("Session pool successfully deleted\n");
  }

  @Test
  void deletionAsksAndTakesNoForAnAnswer() {
    assertThat(user.type("sandpool sessionpool delete -n p -g my-group").err())
        .contains("Unable to prompt for confirmation as no tty available. Use --yes.");
    user.terminal = true;
    user.input = "n\n";
    assertThat(user.type("sandpool sessionpool delete -n p -g my-group").code()).isEqualTo(1);
    assertThat(server.lines()).doesNotContain("DELETE " + StubServer.pool("p"));
  }
}
