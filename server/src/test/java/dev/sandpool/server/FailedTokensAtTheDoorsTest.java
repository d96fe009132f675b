package dev.sandpool.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.gateway.TokenCheck;
import dev.sandpool.server.identity.FailedTokens;
import dev.sandpool.server.identity.Identities;
import dev.sandpool.server.identity.Identity;
import dev.sandpool.server.identity.Plane;
import dev.sandpool.server.identity.Principal;
import dev.sandpool.server.role.Roles;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Random tokens from one address: few are examined, and nobody else notices. */
class FailedTokensAtTheDoorsTest {
  private static final String ATTACKER = "10.0.0.66";
  private static final String ANOTHER = "10.0.0.2";

  private final FailedTokens failed = new FailedTokens(5, _ -> "", System::nanoTime);

  private static String token(Identity identity, Plane plane) throws Exception {
    var made = identity.principals().create("app", null, Duration.ofDays(1)).principal();
    return identity
        .authority()
        .issue(
            new Principal(identity.tenant(), made.objectId(), made.clientId(), false),
            plane.audience());
  }

  @Test
  void atTheDataPlane(@TempDir Path directory) throws Exception {
    Identity identity = Identities.in(directory);
    try (var roles = new Roles(List::of)) {
      var tokens = new DataPlaneTokens(identity.verifier(), failed, roles, Instant::now);
      String known = token(identity, Plane.DATA);
      assertThat(tokens.verify(known, ATTACKER)).isInstanceOf(TokenCheck.Accepted.class);
      for (int i = 0; i < 5; i++) {
        assertThat(tokens.verify("guess" + i, ATTACKER)).isInstanceOf(TokenCheck.Refused.class);
      }

      assertThat(tokens.verify("one more", ATTACKER)).isInstanceOf(TokenCheck.Later.class);
      String fresh = token(identity, Plane.DATA);
      assertThat(tokens.verify(fresh, ATTACKER)).isInstanceOf(TokenCheck.Later.class);
      assertThat(tokens.verify(fresh, ANOTHER)).isInstanceOf(TokenCheck.Accepted.class);
      assertThat(tokens.known(known)).isInstanceOf(TokenCheck.Accepted.class);
    }
  }

  @Test
  void atManagement(@TempDir Path directory) throws Exception {
    Identity identity = Identities.in(directory);
    var tokens = new ManagementTokens(identity, failed, Instant::now);
    String known = token(identity, Plane.MANAGEMENT);
    String logs = token(identity, Plane.LOGS);
    var principal = dev.sandpool.server.management.TokenCheck.Principal.class;
    var later = dev.sandpool.server.management.TokenCheck.Later.class;
    var refusal = dev.sandpool.server.management.TokenCheck.Refusal.class;
    assertThat(tokens.verify(known, ATTACKER, false)).isInstanceOf(principal);
    assertThat(tokens.verify(logs, ATTACKER, true)).isInstanceOf(principal);
    for (int i = 0; i < 5; i++) {
      assertThat(tokens.verify("guess" + i, ATTACKER, false)).isInstanceOf(refusal);
    }

    assertThat(tokens.verify("one more", ATTACKER, false)).isInstanceOf(later);
    assertThat(tokens.verify("one more", ATTACKER, true)).isInstanceOf(later);
    assertThat(tokens.verify(known, ATTACKER, false)).isInstanceOf(principal);
    assertThat(tokens.verify(logs, ATTACKER, true)).isInstanceOf(principal);
    assertThat(tokens.verify(null, ATTACKER, false)).isInstanceOf(refusal);
    assertThat(tokens.verify("one more", ANOTHER, false)).isInstanceOf(refusal);
  }
}
