package dev.sandpool.server.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.InstanceId;
import dev.sandpool.server.network.AddressClaim;
import dev.sandpool.server.network.Ipv4Range;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LeftoversOfDeadServersTest {
  private static final String DEAD = "spabcdaaaaaaaa";
  private static final String ALIVE = "spabcdbbbbbbbb";

  private static List<HostObject> slots(String... names) {
    List<HostObject> objects = new ArrayList<>();
    Arrays.stream(names)
        .flatMap(name -> HostObject.ofSandbox("network namespace", name).stream())
        .forEach(objects::add);
    assertThat(objects).hasSize(names.length);
    return objects;
  }

  private static Finding only(
      List<HostObject> objects,
      Optional<Long> holder,
      Set<String> living,
      Map<String, Long> users) {
    List<Finding> findings =
        LeftoversCheck.judge(
            new LeftoversCheck.Facts(objects, Optional.of("spabcd"), holder, living, users));
    assertThat(findings).hasSize(1);
    return findings.getFirst();
  }

  @Test
  void nothingOfARunningServerIsALeftover() {
    Finding finding = only(slots(DEAD), Optional.of(42L), Set.of(), Map.of());
    assertThat(finding.state()).isEqualTo("ok");
    assertThat(finding.found()).contains("pid 42");
  }

  @Test
  void sandboxesThatAwaitTheNextStartAreNotLeftovers() {
    List<HostObject> objects = slots(ALIVE);
    objects.addAll(HostObject.table("spabcd").stream().toList());
    assertThat(only(objects, Optional.empty(), Set.of(ALIVE), Map.of()).state()).isEqualTo("ok");
  }

  @Test
  void onlyTheDeadOfSeveralAreNamed() {
    Finding finding = only(slots(DEAD, ALIVE), Optional.empty(), Set.of(ALIVE), Map.of());
    assertThat(finding.state()).isEqualTo("warning");
    assertThat(finding.found()).contains(DEAD).doesNotContain(ALIVE);
  }

  @Test
  void rulesOfADeadServerWithoutSandboxesAreNamed() {
    assertThat(
            only(HostObject.table("spabcd").stream().toList(), Optional.empty(), Set.of(), Map.of())
                .state())
        .isEqualTo("warning");
  }

  @Test
  void addressesThatAServerWhichIsGoneHasClaimedAreNamed() {
    var claim = new AddressClaim(new InstanceId("zzzz"), Ipv4Range.parse("10.213.16.0/20"));
    Finding finding =
        only(List.of(HostObject.addresses(claim)), Optional.empty(), Set.of(), Map.of());
    assertThat(finding.state()).isEqualTo("warning");
    assertThat(finding.subject()).isEqualTo("spzzzz");
    assertThat(finding.found()).contains("1 address range");
  }

  @Test
  void imagesOfADeadServerThatAreStillMountedAreNamed() {
    String image = "/data/engine/roots/spabcd-" + "0a".repeat(32);
    List<HostObject> objects = HostObject.image(Path.of(image, "mount")).stream().toList();
    Finding finding = only(objects, Optional.empty(), Set.of(), Map.of());
    assertThat(finding.state()).isEqualTo("warning");
    assertThat(finding.found()).isEqualTo("1 image mount");
    assertThat(only(objects, Optional.empty(), Set.of(ALIVE), Map.of()).state()).isEqualTo("ok");
    assertThat(HostObject.image(Path.of(image, "mount/rootfs"))).isEmpty();
    assertThat(HostObject.image(Path.of("/srv/spreads-" + "0a".repeat(32), "mount"))).isEmpty();
  }

  @Test
  void whatAProcessOfAnotherServerUsesIsLeftAlone() {
    List<HostObject> others = slots("spzzzzaaaaaaaa");
    assertThat(only(others, Optional.empty(), Set.of(), Map.of("spzzzz", 7L)).state())
        .isEqualTo("ok");
    Finding unused = only(others, Optional.empty(), Set.of(), Map.of("spyyyy", 7L));
    assertThat(unused.state()).isEqualTo("warning");
    assertThat(unused.advice().orElseThrow().remedy()).contains("--data-dir", "--instance zzzz");
  }

  @ParameterizedTest
  @CsvSource({
    "spabcdaaaaaaaa, true",
    "/sys/fs/cgroup/cpu/spabcd/spabcdaaaaaaaa, true",
    "/var/lib/sandpool/sandboxes/spabcdaaaaaaaa/rootfs, true",
    "spread, false",
    "spabcdaaaaaaaaa, false",
    "/srv/spabcdaaaaaaa1, false",
    "xspabcdaaaaaaaa, false",
  })
  void otherPeoplesWordsAreNotNamesOfOurs(String name, boolean ours) {
    assertThat(HostObject.ofSandbox("mount", name).isPresent()).isEqualTo(ours);
  }
}
