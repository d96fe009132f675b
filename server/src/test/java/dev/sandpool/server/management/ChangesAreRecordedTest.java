package dev.sandpool.server.management;

import static dev.sandpool.server.management.ManagementFixture.GROUP;
import static dev.sandpool.server.management.ManagementFixture.POOL;
import static dev.sandpool.server.management.ManagementFixture.VERSION;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.audit.AuditEvent;
import dev.sandpool.server.audit.AuditEvent.Kind;
import dev.sandpool.server.audit.AuditEvent.Result;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A change that nobody can be asked about later is worth refusing. */
class ChangesAreRecordedTest extends ManagementTestBase {
  private static final String ASSIGNMENT =
      GROUP
          + "/providers/Microsoft.Authorization/roleAssignments"
          + "/abcdef00-0000-0000-0000-000000000001";

  private List<AuditEvent> events() {
    return server.audit.events();
  }

  @Test
  void changeIsRecordedBeforeItIsMadeAndWithItsEnd() {
    server.createPool();
    events().clear();

    var reply = server.call("DELETE", POOL + VERSION);

    assertThat(reply.status()).isEqualTo(202);
    assertThat(events()).extracting(AuditEvent::result).containsExactly(Result.ASKED, Result.DONE);
    assertThat(events())
        .allSatisfy(
            event -> {
              assertThat(event.kind()).isEqualTo(Kind.CHANGE);
              assertThat(event.action()).isEqualTo("DELETE");
              assertThat(event.actor()).isEqualTo("admin@example");
              assertThat(event.from()).isEqualTo("127.0.0.1");
              assertThat(event.resource()).isEqualTo(POOL);
              assertThat(event.request()).isEqualTo(reply.header("x-ms-request-id"));
            });
    assertThat(events().get(1).detail()).containsEntry("status", "202");
  }

  @Test
  void withoutARecordNothingIsChangedAndWithoutItsEndNothingIsAcknowledged() {
    server.createPool();
    server.audit.fullAfter(0);

    var refused = server.call("DELETE", POOL + VERSION);

    assertThat(refused.status()).isEqualTo(503);
    assertThat(refused.header("x-ms-error-code")).isEqualTo("AuditUnavailable");
    assertThat(refused.header("Retry-After")).isEqualTo("5");
    assertThat(server.call("GET", POOL + VERSION).status()).isEqualTo(200);

    server.audit.fullAfter(1);
    var halfway = server.call("DELETE", POOL + VERSION);
    assertThat(halfway.status()).isEqualTo(503);
    assertThat(halfway.text()).contains("was tried, and its outcome cannot be recorded");
  }

  @Test
  void failureAndReadingAreToldApart() {
    server.call("GET", POOL + VERSION);
    server.call("PUT", POOL + VERSION, "{}");

    assertThat(events())
        .extracting(AuditEvent::result)
        .containsExactly(Result.ASKED, Result.FAILED);
    assertThat(events().get(1).code()).isNotEmpty();
  }

  @Test
  void roleIsRecordedWithWhoGetsIt() {
    server.call(
        "PUT",
        ASSIGNMENT,
        """
        {"properties": {"principalId": "12345678-0000-0000-0000-000000000001",
          "roleDefinitionId": "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7"}}
        """);

    assertThat(events())
        .hasSize(2)
        .allSatisfy(event -> assertThat(event.kind()).isEqualTo(Kind.ROLE));
    assertThat(events().getFirst().detail())
        .containsEntry("principalId", "12345678-0000-0000-0000-000000000001")
        .containsKey("roleDefinitionId");
  }

  @Test
  void strangerIsRecorded() {
    server.send(server.request("DELETE", POOL + VERSION, null));

    assertThat(events()).hasSize(1);
    assertThat(events().getFirst().kind()).isEqualTo(Kind.REFUSAL);
    assertThat(events().getFirst().resource()).isEqualTo(POOL);
    assertThat(events().getFirst().code()).isEqualTo("Unauthenticated");
  }

  @Test
  void readerOfASessionsOutputIsRecordedWithThatSession() {
    server.createPool();
    events().clear();
    server.call("POST", POOL + "/readConsole", "{\"identifier\": \"unknown-one\"}");

    assertThat(events().getFirst().identifier()).isEqualTo("unknown-one");
  }

  @Test
  void queryThatMakesNoSenseIsRefused() {
    assertThat(server.call("GET", "/sandpool/audit?top=0").status()).isEqualTo(400);
    assertThat(server.call("GET", "/sandpool/audit?since=yesterday").status()).isEqualTo(400);
    assertThat(server.call("GET", "/sandpool/audit?after=-1").status()).isEqualTo(400);
    var reply = server.call("GET", "/sandpool/audit?kind=change&top=5");
    assertThat(reply.status()).isEqualTo(200);
    assertThat(reply.at("/value").isArray()).isTrue();
    assertThat(server.call("GET", "/sandpool/audit/examination").at("/intact").asBoolean())
        .isTrue();
  }
}
