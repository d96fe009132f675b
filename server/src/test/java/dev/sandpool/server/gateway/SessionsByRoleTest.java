package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.role.Action;
import dev.sandpool.server.role.BuiltInRole;
import dev.sandpool.server.role.OperationTable;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Every operation of the data plane, tried with every role, as docs/identity.md says. */
class SessionsByRoleTest {
  private static final String REFUSED = "Authorization: Bearer not-allowed\r\n";

  private GatewayBed bed;

  @BeforeEach
  void open() throws Exception {
    bed = new GatewayBed();
    bed.options(new PoolRoute.Options(null, true, false, null));
    for (int i = 0; i < 4; i++) {
      bed.sandbox("ok");
    }
  }

  @AfterEach
  void close() throws Exception {
    bed.close();
  }

  private RawCaller.Answer call(String method, String path, String token) throws Exception {
    return bed.call()
        .send(
            method
                + " "
                + path
                + "?identifier=abcd HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 0\r\n"
                + "Authorization: Bearer "
                + token
                + "\r\n\r\n")
        .receive();
  }

  @Test
  void everyOperation_isForThoseRolesAndNoOthers() throws Exception {
    List<OperationTable.Row> rows = OperationTable.read("data-plane");
    assertThat(rows).hasSizeGreaterThanOrEqualTo(7);
    for (OperationTable.Row row : rows) {
      assertThat(row.right()).isEqualTo("`" + Action.SESSION_USE.id() + "`");
      String[] operation = row.operation().split(" ", 2);
      String method = operation[0].equals("any") ? "GET" : operation[0];
      String path = operation[1].replace("{pool}", GatewayBed.BASE).replace("{path}", "hello");
      for (BuiltInRole role : BuiltInRole.values()) {
        var answer = call(method, path, GatewayBed.tokenOf(role));
        assertThat(answer.status() != 403)
            .as("%s as %s: %d %s", row.operation(), role, answer.status(), answer.body())
            .isEqualTo(row.roles().contains(role));
      }
      var refused = call(method, path, "not-allowed");
      assertThat(refused.status()).isEqualTo(403);
      assertThat(refused.header("x-ms-error-code")).containsExactly("Forbidden");
      assertThat(refused.body())
          .contains("'" + Action.SESSION_USE.id() + "'", "over scope '/subscriptions/S1/");
    }
  }

  @Test
  void roleOfAnotherPool_opensNothing_andPoolsThatAreThereLookLikeOthers() throws Exception {
    String elsewhere = GatewayBed.tokenOf(BuiltInRole.SESSION_EXECUTOR) + "@" + "/subscriptions/S2";

    var there = call("GET", GatewayBed.BASE + "/", elsewhere);
    var absent = call("GET", GatewayBed.BASE + "x/", elsewhere);

    assertThat(there.status()).isEqualTo(403);
    assertThat(absent.status()).isEqualTo(403);
    assertThat(absent.body().replace("mypoolx", "mypool")).isEqualTo(there.body());
    assertThat(bed.session("abcd")).isNull();
  }

  @Test
  void poolAskedByHost_tellsNobodyWithoutARightWhereItIs() throws Exception {
    String head = " HTTP/1.1\r\nAuthorization: Bearer not-allowed\r\nHost: ";

    var there = bed.call().send("GET /?identifier=abcd" + head + GatewayBed.HOST + "\r\n\r\n");
    var absent = bed.call().send("GET /?identifier=abcd" + head + "x.env.test\r\n\r\n");
    var told = there.receive();

    assertThat(told.status()).isEqualTo(403);
    assertThat(told.body()).contains("over scope '/'").doesNotContain("mypool");
    assertThat(absent.receive().body()).isEqualTo(told.body());
  }

  /** Also in the calls about sessions; only the request's own id differs. */
  @Test
  void withoutTheRight_knownAndUnknownIdentifiersLookTheSame() throws Exception {
    assertThat(call("GET", GatewayBed.BASE + "/hello", GatewayBed.TOKEN).status()).isEqualTo(200);
    assertThat(bed.session("abcd")).isNotNull();
    for (String token : List.of("", "Authorization: Bearer wrong\r\n", REFUSED)) {
      for (String path : List.of("GET /hello", "POST /.management/getSession")) {
        RawCaller.Answer known = ask(path, "abcd", token);
        RawCaller.Answer unknown = ask(path, "wxyz", token);

        assertThat(known.status()).isIn(401, 403);
        assertThat(comparable(known)).isEqualTo(comparable(unknown));
        assertThat(bed.session("wxyz")).isNull();
      }
    }
  }

  private RawCaller.Answer ask(String operation, String identifier, String token) throws Exception {
    String target = operation.replace(" ", " " + GatewayBed.BASE) + "?identifier=" + identifier;
    return bed.call()
        .send(target + " HTTP/1.1\r\nHost: gw.test\r\nContent-Length: 0\r\n" + token + "\r\n")
        .receive();
  }

  /** All that a caller sees, but for the two headers that name the request and the second. */
  private static List<String> comparable(RawCaller.Answer answer) {
    List<String> all = new ArrayList<>();
    for (String line : answer.head()) {
      all.add(line.replaceFirst("(?i)^(sandpool-request-id|x-ms-request-id|date):.*", "$1"));
    }
    all.add(answer.body());
    return all;
  }
}
