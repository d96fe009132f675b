package dev.sandpool.server.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.network.ForeignFirewalls.Drop;
import dev.sandpool.server.network.ForeignFirewalls.Effect;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ForeignFirewallTest {
  @ParameterizedTest
  @CsvSource({
    "EGRESS, do not reach the internet",
    "EVERYTHING, the gateway does not reach",
    "TOKENS, get no tokens",
  })
  void aDropThatBeatsOurAcceptIsNamedWithWhatItTakes(Effect effect, String consequence) {
    var drop = new Drop("inet", "firewalld", "filter_FORWARD", "forward", effect, "accept them");

    assertThat(FirewallCheck.judge(List.of(drop)))
        .singleElement()
        .isInstanceOfSatisfying(
            Finding.Warning.class,
            warning ->
                assertThat(warning.toString())
                    .contains("inet firewalld filter_FORWARD", consequence, "accept them"));
  }

  @Test
  void whereNothingIsDroppedAllIsWell() {
    assertThat(FirewallCheck.judge(List.of())).extracting(Finding::state).containsExactly("ok");
  }
}
