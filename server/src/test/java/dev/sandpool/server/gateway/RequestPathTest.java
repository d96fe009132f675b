package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RequestPathTest {
  private static final String BASE = "/subscriptions/s/resourceGroups/g/sessionPools/p";

  @ParameterizedTest
  @CsvSource(
      value = {
        "'',/",
        "'?identifier=abcd',/?identifier=abcd",
        "/,/",
        "//,//",
        "/a/../b,/a/../b",
        "/..,/..",
        "/a%2Fb%2fc,/a%2Fb%2fc",
        "/%2e%2e/x,/%2e%2e/x",
        "/a//b///,/a//b///",
        "/a;v=1?x=%zz&y,/a;v=1?x=%zz&y",
        "/?a=/subscriptions/x,/?a=/subscriptions/x",
      })
  void whatFollowsThePoolIsNotTouched(String sent, String forwarded) {
    String target = BASE + sent;
    RequestPath path = Objects.requireNonNull(RequestPath.parse(target));

    assertThat(RequestPath.rest(target, path.end())).isEqualTo(forwarded);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/",
        "*",
        "",
        "/subscriptions/s",
        "/subscriptions/s/resourceGroups/g",
        "/subscriptions/s/resourceGroups/g/sessionPools",
        "/subscriptions/s/resourceGroups/g/sessionPools/",
        "/subscriptions/s/resourceGroups/g/sessionPools/?x",
        "/subscriptions//resourceGroups/g/sessionPools/p",
        "/subscriptions/s/resourceGroups//sessionPools/p",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.App/sessionPools/p",
        "/subscriptions/s/resourceGroups/g%2Fx/sessionPools/p",
        "/subscriptions/s/resourceGroups/g%/sessionPools/p",
        "/subscriptions/s?/resourceGroups/g/sessionPools/p",
        "/x/subscriptions/s/resourceGroups/g/sessionPools/p",
        "http://h/subscriptions/s/resourceGroups/g/sessionPools/p",
      })
  void otherPathsNameNoPool(String target) {
    assertThat(RequestPath.parse(target)).isNull();
  }

  @Test
  void namesAreDecodedOnce() {
    RequestPath path =
        RequestPath.parse("/subscriptions/s/resourceGroups/my%28group%29/sessionPools/p/x");

    assertThat(path).isNotNull().extracting(RequestPath::resourceGroup).isEqualTo("my(group)");
  }

  @ParameterizedTest
  @CsvSource({
    "/.management/listSessions,true",
    "/.management/,true",
    "/.management,false",
    "/x/.management/listSessions,false",
    "/%2emanagement/listSessions,false",
    "/.Management/listSessions,false",
    "//.management/listSessions,false",
  })
  void onlyTheReservedPrefixItselfIsOurs(String rest, boolean ours) {
    assertThat(RequestPath.isManagement(rest)).isEqualTo(ours);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "*", "x", "/a b", "/a\tb", "/a\r\nb", "/a\u0000", "/\u007f"})
  void whatWouldBreakTheRequestLineIsNotForwarded(String target) {
    assertThat(RequestPath.isForwardable(target)).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/", "//", "/\u00e9\u00ff", "/%", "/a?b?c#d", "/\\^`{|}\"<>"})
  void oddOctetsAreForwarded(String target) {
    assertThat(RequestPath.isForwardable(target)).isTrue();
  }
}
