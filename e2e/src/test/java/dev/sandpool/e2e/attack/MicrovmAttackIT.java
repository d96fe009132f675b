package dev.sandpool.e2e.attack;

import dev.sandpool.e2e.engine.MicrovmGuest;
import org.junit.jupiter.api.Test;

/** Nothing of the kit gets out of a virtual machine, nor by its devices. */
class MicrovmAttackIT {
  @Test
  void microvmHolds() throws Exception {
    AttackIT.holds("microvm", MicrovmGuest.folder().toString());
  }
}
