package dev.sandpool.server.pool;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.pool.PoolSizer.Decision;
import dev.sandpool.server.pool.PoolSizer.Has;
import dev.sandpool.server.pool.PoolSizer.Phase;
import dev.sandpool.server.pool.PoolSizer.Wants;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The sizing rule (G7). */
class PoolSizerTest {
  @ParameterizedTest
  @CsvSource({
    // max, ready, waiting, allocated -> wanted unallocated
    "10, 5, 0, 0, 5",
    "10, 5, 0, 7, 3",
    "10, 5, 0, 10, 0",
    "10, 5, 0, 12, 0",
    "10, 0, 0, 0, 0",
    "10, 0, 3, 0, 3",
    "10, 5, 30, 4, 6",
  })
  void wantsReadyOnesButNeverMoreThanThereIsRoom(
      int max, int ready, int waiting, int allocated, int wanted) {
    assertThat(PoolSizer.wanted(new Wants(max, ready, waiting, Phase.STEADY), allocated))
        .isEqualTo(wanted);
  }

  @Test
  void startingOnesCountSoThatAFastLoopDoesNotOverCreate() {
    Decision decision =
        PoolSizer.decide(new Wants(10, 5, 0, Phase.STEADY), new Has(0, 1, 4, 0, 0, 0));
    assertThat(decision).isEqualTo(new Decision(0, 0, 0, 0, false));
  }

  @Test
  void loweringMaxRetiresReadyOnesAndKillsNobody() {
    Decision decision =
        PoolSizer.decide(new Wants(4, 5, 0, Phase.STEADY), new Has(6, 5, 0, 0, 0, 0));
    assertThat(decision).isEqualTo(new Decision(0, 0, 5, 0, false));
  }

  @Test
  void aBrokenActiveRevisionDoesNotHoldBackItsReplacement() {
    Decision decision =
        PoolSizer.decide(new Wants(10, 5, 0, Phase.REPLACING), new Has(0, 0, 5, 1, 0, 0));
    assertThat(decision.promote()).isTrue();
  }

  /** Drives a rollout step by step, with starts that take random turns. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
  void aRolloutNeverLeavesNothingReadyAndEndsWithWhatIsWanted(long seed) {
    var random = new Random(seed);
    int ready = 1 + random.nextInt(8);
    int allocated = random.nextInt(4);
    int max = allocated + ready + random.nextInt(4);
    int[] old = {ready, 0};
    int[] fresh = {0, 0};
    boolean promoted = false;
    for (int step = 0; step < 500; step++) {
      var wants = new Wants(max, ready, 0, promoted ? Phase.STEADY : Phase.REPLACING);
      Has has =
          promoted
              ? new Has(allocated, fresh[0], fresh[1], 0, 0, old[0] + old[1])
              : new Has(allocated, old[0], old[1], fresh[0], fresh[1], 0);
      Decision decision = PoolSizer.decide(wants, has);
      promoted |= decision.promote();
      if (promoted) {
        fresh[1] += decision.startCurrent();
        old[0] -= Math.min(old[0], decision.retireStale());
      } else {
        fresh[1] += decision.startComing();
        old[0] -= decision.retireCurrent();
      }
      int claimable = promoted ? fresh[0] : old[0];
      assertThat(claimable).as("claimable, seed %d step %d", seed, step).isPositive();
      assertThat(old[0] + fresh[0] + fresh[1])
          .as("unallocated, seed %d step %d", seed, step)
          .isLessThanOrEqualTo(ready + 1 + (promoted ? ready : 0));
      if (fresh[1] > 0 && random.nextBoolean()) {
        fresh[1]--;
        fresh[0]++;
      }
    }
    assertThat(promoted).as("promoted, seed %d", seed).isTrue();
    assertThat(old[0]).as("old ones left, seed %d", seed).isZero();
    assertThat(fresh[0]).as("new ones, seed %d", seed).isEqualTo(ready);
  }

  @Test
  void whatIsClaimedIsReplacedByWhatServesWhileNobodyKnowsWhetherTheNewOneCanRun() {
    var wants = new Wants(10, 3, 0, Phase.TRIAL);
    assertThat(PoolSizer.decide(wants, new Has(2, 1, 0, 0, 1, 0)))
        .isEqualTo(new Decision(2, 0, 0, 0, false));
    assertThat(PoolSizer.decide(wants, new Has(0, 3, 0, 1, 0, 0)))
        .isEqualTo(new Decision(0, 0, 0, 0, false));
  }

  @Test
  void aFullPoolStillTriesANewRevisionOnce() {
    Decision decision =
        PoolSizer.decide(new Wants(3, 2, 0, Phase.TRIAL), new Has(3, 0, 0, 0, 0, 0));
    assertThat(decision).isEqualTo(new Decision(0, 1, 0, 0, false));
  }
}
