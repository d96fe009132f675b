package dev.sandpool.server.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.model.Isolation;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** An emulated machine passed for something stronger than gVisor, because its label is. */
class EmulatedMachineTest {
  private static EngineInfo machines(boolean emulated) {
    return new EngineInfo("microvm", Isolation.MICROVM, "QEMU", emulated, 0, 10);
  }

  @ParameterizedTest(name = "{0}: on hardware {1}, emulated {2}")
  @CsvSource({
    "MICROVM, true, true",
    "GVISOR, true, false",
    "GVISOR_HOSTNET, true, false",
    "CONTAINER, true, true"
  })
  void isNotGvisor(Isolation wanted, boolean onHardware, boolean emulated) {
    assertThat(machines(false).satisfies(wanted)).isEqualTo(onHardware);
    assertThat(machines(true).satisfies(wanted)).isEqualTo(emulated);
  }

  @ParameterizedTest
  @CsvSource({"CONTAINER, true", "GVISOR_HOSTNET, true", "GVISOR, true", "MICROVM, false"})
  void nothingChangesForOtherEngines(Isolation wanted, boolean satisfied) {
    var gvisor = new EngineInfo("oci", Isolation.GVISOR, "runsc", 0, 10);
    assertThat(gvisor.satisfies(wanted)).isEqualTo(satisfied);
  }
}
