package dev.sandpool.model;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResourceIdTest {
  private static final String ID =
      "/subscriptions/s/resourceGroups/g/providers/Microsoft.App/sessionPools/p";

  @Test
  void parse_anyCase_isTheSameResource() {
    ResourceId id = ResourceId.parse(ID).orElseThrow();
    ResourceId shouted = ResourceId.parse(ID.toUpperCase(java.util.Locale.ROOT)).orElseThrow();

    assertThat(id).hasToString(ID);
    assertThat(shouted.sameAs(id)).isTrue();
    assertThat(shouted.isOf(ResourceId.SESSION_POOLS)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "p",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.App/sessionPools",
        "/subscriptions/s/resourceGroups//providers/Microsoft.App/sessionPools/p",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.App/sessionPools/p/",
        "x/subscriptions/s/resourceGroups/g/providers/Microsoft.App/sessionPools/p"
      })
  void parse_otherForms_areNoIds(String text) {
    assertThat(ResourceId.parse(text)).isEmpty();
  }
}
