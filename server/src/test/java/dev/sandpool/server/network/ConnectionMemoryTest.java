package dev.sandpool.server.network;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionMemoryTest {
  @Test
  void anAddressIsNotTakenForOneThatBeginsLikeIt() {
    String table = "tcp 6 43 ESTABLISHED src=10.213.0.2 dst=10.213.0.31 sport=1 dport=2 [ASSURED]";

    assertThat(
            ConnectionMemory.remembered(
                table, List.of("10.213.0.3", "10.213.0.31", "10.213.0.31", "10.213.0.20")))
        .containsExactly("10.213.0.31");
  }
}
