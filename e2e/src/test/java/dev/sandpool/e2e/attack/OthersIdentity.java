package dev.sandpool.e2e.attack;

import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.sandpool.model.NetworkStatus;
import dev.sandpool.model.PoolId;
import dev.sandpool.server.engine.IdentityDoor;
import dev.sandpool.server.time.Patience;
import dev.sandpool.server.time.Time;
import dev.sandpool.server.workload.Doors;
import dev.sandpool.server.workload.Grant;
import dev.sandpool.server.workload.WorkloadToken;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;
import tools.jackson.databind.JsonNode;

/**
 * Whether a sandbox gets a token where another asks for them, with that one's own secret. The
 * control is a host whose packet rules are gone and whose endpoint answers whoever asks.
 */
final class OthersIdentity {
  private static final long MEMORY_MIB = 256;
  private static final Duration LIFE = Duration.ofHours(1);
  private static final Duration SOON = Patience.of(Duration.ofSeconds(20));
  private static final String TOKEN = "a-token-of-another-3b1d77c0";
  private static final String PROBE = "identity endpoint of another, ";
  private static final String WITHOUT = PROBE + "from a pool without identity";
  private static final String WITH = PROBE + "from a pool with identity";

  private final Report report;

  OthersIdentity(Report report) {
    this.report = report;
  }

  void run(Engines engines) throws Exception {
    try (Ward ward = engines.hardened()) {
      judge(ward, networks(engines.subject()));
    }
    Weakness open = Weakness.open(engines.gvisor());
    try (Ward ward = engines.weak(open)) {
      control(engines.title(open), ward);
    }
  }

  /** Machines take long to boot, so those of the two that have a way out. */
  private static List<NetworkStatus> networks(Subject subject) {
    return subject == Subject.MICROVM
        ? List.of(NetworkStatus.EGRESS_ENABLED)
        : List.of(NetworkStatus.values());
  }

  private void judge(Ward ward, List<NetworkStatus> networks) throws Exception {
    PoolId pool = PoolId.random(RandomGenerator.getDefault());
    var grant = new Grant("an-identity", true, "principal", "client");
    try (var doors =
        new Doors(
            _ -> List.of(grant),
            (_, _) -> new WorkloadToken(TOKEN, Time.system().now(), Time.system().now().plus(LIFE)),
            _ -> "the-owners-secret",
            Time.system())) {
      Ward.WithDoor owner = ward.startWithDoor(NetworkStatus.EGRESS_DISABLED, MEMORY_MIB);
      Map<String, String> variables = doors.open(owner.guest().id(), pool, owner.door());
      await("its owner gets a token there")
          .atMost(SOON)
          .until(() -> ask(owner.guest(), variables), Finding::through);
      for (NetworkStatus network : networks) {
        Guest stranger = ward.start(network, MEMORY_MIB);
        judged(WITHOUT, network, ask(stranger, variables));
        ward.stop(stranger);
        // Knows the same secret at an endpoint of its own, which is no key to that of the other.
        Ward.WithDoor neighbour = ward.startWithDoor(network, MEMORY_MIB);
        doors.open(neighbour.guest().id(), pool, neighbour.door());
        judged(WITH, network, ask(neighbour.guest(), variables));
        doors.close(neighbour.guest().id());
        ward.stop(neighbour.guest());
      }
      ward.stop(owner.guest());
    }
  }

  private void judged(String probe, NetworkStatus network, Finding finding) {
    boolean off = network == NetworkStatus.EGRESS_DISABLED;
    report.row(probe).judged(off ? Verdicts.OFF : Verdicts.ON, finding, Optional.empty());
  }

  /** The same without packet rules, where an endpoint answers everybody. */
  private void control(String walls, Ward ward) throws Exception {
    Ward.WithDoor owner = ward.startWithDoor(NetworkStatus.EGRESS_DISABLED, MEMORY_MIB);
    IdentityDoor door = owner.door();
    HttpServer careless = HttpServer.create(new InetSocketAddress(door.host(), door.port()), 0);
    careless.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(200, TOKEN.length());
          exchange.getResponseBody().write(TOKEN.getBytes(StandardCharsets.US_ASCII));
          exchange.close();
        });
    careless.start();
    try {
      Map<String, String> variables =
          Map.of(
              "IDENTITY_ENDPOINT",
              "http://" + door.host() + ":" + door.port() + "/",
              "IDENTITY_HEADER",
              "any");
      String title = walls + ", an endpoint for everybody";
      Guest stranger = ward.start(NetworkStatus.EGRESS_DISABLED, MEMORY_MIB);
      report.row(WITHOUT).tried(title, ask(stranger, variables));
      Guest neighbour = ward.startWithDoor(NetworkStatus.EGRESS_DISABLED, MEMORY_MIB).guest();
      report.row(WITH).tried(title, ask(neighbour, variables));
    } finally {
      careless.stop(0);
    }
  }

  private static Finding ask(Guest guest, Map<String, String> variables) throws Exception {
    JsonNode said =
        guest.order(
            "ask",
            Map.of(
                "url",
                variables.get("IDENTITY_ENDPOINT")
                    + "?api-version=2019-08-01&resource=https://vault.test",
                "secret",
                variables.get("IDENTITY_HEADER")));
    String text = said.asString();
    return text.contains(TOKEN) ? new Finding(true, "a token") : new Finding(false, text);
  }
}
