package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Text blocks would hide the line ends that the tests are about. */
@SuppressWarnings("StringConcatToTextBlock")
class RoutingTest {
  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  @Test
  void requestsOfOneIdentifierReachOneSandboxAndOthersAnother() throws Exception {
    bed.sandbox("first");
    bed.sandbox("second");

    assertThat(bed.get("/a?identifier=user-1").body()).isEqualTo("first");
    assertThat(bed.get("/a?identifier=user-2").body()).isEqualTo("second");
    assertThat(bed.get("/b?identifier=user-1").body()).isEqualTo("first");
    assertThat(bed.get("/b?identifier=user-2").body()).isEqualTo("second");
  }

  @Test
  void namesAndFixedSegmentsOfThePathAreReadWithoutRegardToCase() throws Exception {
    bed.sandbox("ok");

    RawCaller.Answer answer =
        bed.call()
            .send(
                "GET /SUBSCRIPTIONS/s1/resourcegroups/rG/SESSIONPOOLS/MYPOOL/x?identifier=abcd"
                    + " HTTP/1.1\r\nHost: gw.test\r\n"
                    + GatewayBed.AUTH
                    + "\r\n")
            .receive();

    assertThat(answer.status()).isEqualTo(200);
  }

  /** Whoever looks for a path remembers the last one. */
  @Test
  void pathThatBeginsLikeTheOneBeforeIsReadForItself() {
    String base = "/subscriptions/s1/resourceGroups/rg/sessionPools/";
    var pools = new PoolRoutes();
    pools.replace(
        Stream.of("pool", "pool2", "pool%")
            .map(name -> new PoolRoute(bed.poolId(), name, "s1", "rg", "https://public.test"))
            .toList());
    var remembering = new Routing(pools, null);
    List<String> targets =
        List.of(
            "pool/a",
            "pool2/a",
            "pool",
            "pool?a",
            "pool2?a",
            "poo",
            "pool/b",
            "pool%25/",
            "pool;x",
            "pool%",
            "POOL/c",
            "pool/",
            "pool2",
            "");

    for (int i = 0; i < 500; i++) {
      String target = base + targets.get((i * i + i / 7) % targets.size());
      assertThat(remembering.of("gw.test", target))
          .as(target)
          .isEqualTo(new Routing(pools, null).of("gw.test", target));
    }
  }

  @Test
  void poolIsFoundByHostName() throws Exception {
    StubSandbox sandbox = bed.sandbox("by host");

    RawCaller.Answer answer =
        bed.call()
            .send(
                "GET /deep/path?identifier=abcd HTTP/1.1\r\n"
                    + "Host: MyPool.dev-x7.WESTUS.ENV.test:8443\r\n"
                    + GatewayBed.AUTH
                    + "\r\n")
            .receive();

    assertThat(answer.body()).isEqualTo("by host");
    assertThat(sandbox.requests.element().line())
        .isEqualTo("GET /deep/path?identifier=abcd HTTP/1.1");
    assertThat(sandbox.requests.element().header("Host"))
        .containsExactly("MyPool.dev-x7.WESTUS.ENV.test:8443");
  }

  @Test
  void allOfAHostThatIsThePoolsOwnGoesToThePool() throws Exception {
    StubSandbox sandbox = bed.sandbox("own host");

    RawCaller.Answer answer =
        bed.call()
            .send(
                "GET /subscriptions/s2/resourceGroups/rg/sessionPools/other/x?identifier=abcd"
                    + " HTTP/1.1\r\nHost: Sessions.Customer.TEST:8443\r\n"
                    + GatewayBed.AUTH
                    + "\r\n")
            .receive();

    assertThat(answer.body()).isEqualTo("own host");
    assertThat(sandbox.requests.element().line())
        .isEqualTo(
            "GET /subscriptions/s2/resourceGroups/rg/sessionPools/other/x?identifier=abcd"
                + " HTTP/1.1");
  }

  @Test
  void hostBelowThePoolsOwnIsNotThePools() throws Exception {
    RawCaller.Answer answer =
        bed.call()
            .send(
                "GET /x?identifier=abcd HTTP/1.1\r\nHost: a.sessions.customer.test\r\n"
                    + GatewayBed.AUTH
                    + "\r\n")
            .receive();

    assertThat(answer.status()).isEqualTo(404);
  }

  @Test
  void whatNamesNoPoolIsNotFound() throws Exception {
    RawCaller.Answer answer =
        bed.call().send("GET /elsewhere HTTP/1.1\r\nHost: gw.test\r\n\r\n").receive();

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.header("x-ms-error-code")).containsExactly("ResourceNotFound");
  }

  @Test
  void allocatingRequestSaysHowLongItTookAndLaterOnesDoNot() throws Exception {
    bed.sandbox("ok");

    RawCaller.Answer first = bed.get("/?identifier=abcd");
    RawCaller.Answer second = bed.get("/?identifier=abcd");

    assertThat(first.header("sandpool-allocation-time-ms")).hasSize(1);
    assertThat(Double.parseDouble(first.header("sandpool-allocation-time-ms").getFirst()))
        .isBetween(0.0, 30_000.0);
    assertThat(second.header("sandpool-allocation-time-ms")).isEmpty();
    assertThat(first.header("sandpool-request-id")).hasSize(1);
    assertThat(second.header("sandpool-request-id"))
        .isNotEqualTo(first.header("sandpool-request-id"));
  }
}
