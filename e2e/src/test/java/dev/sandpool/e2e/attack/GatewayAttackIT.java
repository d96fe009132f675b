package dev.sandpool.e2e.attack;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.e2e.Stage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.junit.jupiter.api.Test;

/**
 * A sandbox is a hostile HTTP server too: what it sends must not pass for the gateway's own words,
 * nor reach another caller. The control of the former is the sandbox's wire, where a gateway that
 * only copies would have it from, that of the latter a careless gateway.
 */
class GatewayAttackIT {
  private static final String CONFIGURATION = "through the gateway";
  private static final String CONTROL = "a gateway that copies";
  private static final String ATTACKER = "attacker-1";
  private static final String BYSTANDER = "bystander-1";

  private final Report report = new Report("Hostile HTTP server", List.of(CONFIGURATION));

  /** One attack: asked for by that path, and the harm it does where it is seen in an answer. */
  private record Attack(String name, String path, Predicate<String> harm) {}

  private static final List<Attack> ATTACKS =
      List.of(
          attack("forged error code", "/forged", "x-ms-error-code: forged"),
          attack("forged request id", "/forged", "sandpool-request-id: forged"),
          attack("forged allocation time", "/forged", "sandpool-allocation-time-ms: 1\r"),
          attack("cookie for a parent domain", "/forged", "planted"),
          attack("another service announced", "/forged", "alt-svc"),
          attack("transport security set", "/forged", "strict-transport-security"),
          attack("second answer", "/split", "poison"),
          attack("two lengths", "/two-lengths", "poison"),
          attack("length and chunks", "/two-framings", "poison"),
          attack("field after a bare CR", "/bare-cr", "\rx-planted"),
          new Attack("endless header", "/endless", answer -> answer.length() > 256 << 10),
          new Attack(
              "short body as a whole one",
              "/short",
              answer -> answer.contains("200 OK") && answer.endsWith("mild") && !cut(answer)),
          new Attack("not HTTP", "/garbage", answer -> answer.contains("this is not HTTP")));

  private static Attack attack(String name, String path, String harm) {
    return new Attack(
        name, path, answer -> answer.toLowerCase(java.util.Locale.ROOT).contains(harm));
  }

  /** Whether its receiver can tell that something is missing. */
  private static boolean cut(String answer) {
    return HostilePool.fields(answer).containsKey("content-length");
  }

  @Test
  void nothingHostileOfASandboxReachesACaller() throws Exception {
    try (Stage stage = Stage.development("hostile", "")) {
      var pool = new HostilePool(stage);
      assertThat(pool.throughGateway("/ " + ATTACKER)).endsWith("mild");
      assertThat(pool.throughGateway("/ " + BYSTANDER)).endsWith("mild");
      for (Attack attack : ATTACKS) {
        run(pool, attack);
      }
      neighbours(pool);
      doors(pool, stage.client().url().getPort());
    }
    report.write(Path.of("target", "attack-gateway.md"));
    assertThat(report.faults()).isEmpty();
  }

  private void run(HostilePool pool, Attack attack) throws Exception {
    Row row = report.row("gateway abuse: " + attack.name());
    String answer = pool.throughGateway(attack.path() + " " + ATTACKER);
    String first = answer.lines().findFirst().orElse("connection closed");
    row.judged(CONFIGURATION, new Finding(attack.harm().test(answer), first), Optional.empty());
    String wire = pool.pastGateway(attack.path(), ATTACKER);
    boolean sent =
        attack.path().equals("/short") ? wire.endsWith("mild") : attack.harm().test(wire);
    row.tried(CONTROL, new Finding(sent, "sent"));
  }

  /** What is left over of an attacker's answer must not become the answer to the next question. */
  private void neighbours(HostilePool pool) throws Exception {
    for (String path :
        new String[] {"/split", "/two-lengths", "/two-framings", "/short", "/endless"}) {
      Row row = report.row("gateway abuse: bystander after " + path);
      boolean harmed = bystanderIsHarmed(pool::throughGateway, path);
      row.judged(CONFIGURATION, new Finding(harmed, "own answer"), Optional.empty());
      try (var careless = new CarelessGateway(pool.sandbox(ATTACKER))) {
        Callers callers = requests -> pool.through(careless.port(), "", requests);
        assertThat(bystanderIsHarmed(callers, "/"))
            .as("by an attacker that does nothing")
            .isFalse();
        row.tried(
            "a gateway whose callers share a connection",
            new Finding(bystanderIsHarmed(callers, path), "not his own answer"));
      }
    }
  }

  /** Sends requests over one connection to some gateway; what comes back. */
  private interface Callers {
    String send(String... pathsAndIdentifiers) throws IOException;
  }

  private static boolean bystanderIsHarmed(Callers callers, String path) throws IOException {
    callers.send(path + " " + ATTACKER);
    String both = callers.send(path + " " + ATTACKER, "/ " + BYSTANDER);
    String alone = callers.send("/ " + BYSTANDER);
    return both.contains("poison") || !alone.endsWith("mild");
  }

  /**
   * The server's own listener, from inside. At the host's end of the wire somebody listens on that
   * port as the server does where it listens on all addresses.
   */
  private void doors(HostilePool pool, int port) throws IOException, InterruptedException {
    Path rootfs =
        AttackImage.unpack(
                Stage.sampleArchive(), Path.of("target", "attack-gateway").toAbsolutePath())
            .rootfs();
    String hostEnd = pool.hostEnd(ATTACKER);
    try (var ignored = new ServerSocket(port, 5, InetAddress.ofLiteral(hostEnd))) {
      for (String host : List.of("127.0.0.1", hostEnd)) {
        String where = host.equals("127.0.0.1") ? "loopback" : "the slot's gateway";
        Row row = report.row("gateway abuse: the server's own port at " + where);
        String address = host + ":" + port;
        String answer = pool.throughGateway("/reach?" + address + " " + ATTACKER);
        row.judged(
            CONFIGURATION, new Finding(!answer.endsWith("blocked"), "blocked"), Optional.empty());
        String weak = HostilePool.reachOnHostsNetwork(rootfs, address);
        row.tried("the host's network", new Finding(weak.equals("reached"), "reached"));
      }
    }
  }
}
