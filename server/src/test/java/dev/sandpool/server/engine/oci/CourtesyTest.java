package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Who computes without end stands behind who only answers, and nobody for ever. */
class CourtesyTest {
  private static final long PERIOD = Courtesy.PERIOD_NANOS;

  private static Courtesy fresh() {
    return Courtesy.of(7, 0, 1);
  }

  /** After so many more periods, in so many of which it was held back. */
  private static Courtesy after(Courtesy courtesy, int periods, int throttled) {
    return courtesy.next(
        courtesy.throttled() + throttled, courtesy.atNanos() + periods * PERIOD, false);
  }

  @Test
  void threePeriodsAtTheBoundAreEnough() {
    assertThat(after(fresh(), 2, 2).givesWay()).isFalse();
    assertThat(after(after(fresh(), 2, 2), 1, 1).givesWay()).isTrue();
    assertThat(after(fresh(), 3, 3).givesWay()).isTrue();
  }

  @Test
  void eachPeriodAtTheBoundHalvesItAndEachOfCalmGivesBackAsMuch() {
    Courtesy courtesy = fresh();
    for (int parts : new int[] {1, 2, 4, 8}) {
      assertThat(courtesy.parts()).isEqualTo(parts);
      courtesy = after(courtesy, 1, 1);
    }
    courtesy = after(after(fresh(), 1, 1), 1, 1);
    for (int parts : new int[] {4, 2, 1, 1}) {
      assertThat(courtesy.parts()).isEqualTo(parts);
      courtesy = after(courtesy, 1, 0);
    }
  }

  @Test
  void anotherEngineGoesOnFromWhatTheLastOneLeft() {
    for (int parts : new int[] {1, 2, 4, 8}) {
      Courtesy met = Courtesy.of(5, 0, parts);
      assertThat(met.parts()).isEqualTo(parts);
      assertThat(met.givesWay()).isEqualTo(parts == Courtesy.PARTS);
    }
    assertThat(after(Courtesy.of(5, 0, 4), 2, 0).parts()).isEqualTo(1);
  }

  @Test
  void whoIsHeldBackNowAndThenKeepsItsPlace() {
    Courtesy courtesy = fresh();
    for (int i = 0; i < 1000; i++) {
      courtesy = after(courtesy, 2, 1);
      assertThat(courtesy.givesWay()).isFalse();
    }
  }

  @Test
  void whoStopsIsBackAfterAsLongAsItWasAtTheBound() {
    Courtesy courtesy = after(fresh(), 5, 5);
    assertThat(after(courtesy, 4, 0).givesWay()).isTrue();
    assertThat(after(courtesy, 5, 0).givesWay()).isFalse();
    assertThat(after(courtesy, 1, 1).givesWay()).isTrue();
  }

  @Test
  void tenSecondsOfCalmEndIt() {
    Courtesy courtesy = after(fresh(), 100_000, 100_000);
    assertThat(after(courtesy, 199, 0).givesWay()).isTrue();
    assertThat(after(courtesy, 200, 0).givesWay()).isFalse();
  }

  @Test
  void whatAnEarlierEngineDecidedIsTakenBackToo() {
    Courtesy met = Courtesy.of(5, 0, Courtesy.PARTS);
    assertThat(met.givesWay()).isTrue();
    assertThat(after(met, Courtesy.MOST, 0).givesWay()).isFalse();
  }

  @Test
  void aLookThatComesLateOrTwiceIsNoPeriodOfIts() {
    Courtesy courtesy = fresh();
    assertThat(courtesy.next(7, 0, false)).isEqualTo(courtesy);
    // More than time has passed for, as the two are not read at the same moment.
    assertThat(courtesy.next(8, 0, false).owed()).isZero();
    assertThat(courtesy.next(9, PERIOD / 2, false).owed()).isEqualTo(1);
  }

  @Test
  void whoAlwaysTakesAllIsBelievedMoreAndMoreSeldom() {
    Courtesy courtesy = after(fresh(), 3, 3);
    for (int stint : new int[] {200, 400, 800, 1600, 1600}) {
      assertThat(after(courtesy, stint - 1, stint - 1).givesWay()).isTrue();
      courtesy = after(courtesy, stint, stint);
      assertThat(courtesy.givesWay()).isFalse();
      assertThat(after(courtesy, 2, 2).givesWay()).isFalse();
      courtesy = after(courtesy, 3, 3);
      assertThat(courtesy.givesWay()).isTrue();
    }
  }

  @Test
  void whoWasGoodForLongIsBelievedAsSoonAsAnybody() {
    Courtesy courtesy = after(after(fresh(), 3, 3), 200, 200);
    assertThat(courtesy.settled()).isFalse();
    courtesy = after(courtesy, 200, 0);
    assertThat(courtesy.settled()).isTrue();
    courtesy = after(courtesy, 3, 3);
    assertThat(after(courtesy, 200, 200).givesWay()).isFalse();
  }

  @Test
  void whereThereIsRoomNobodyBeginsToGiveWay() {
    Courtesy courtesy = fresh();
    for (int i = 1; i < 100; i++) {
      courtesy = courtesy.next(7 + i, i * PERIOD, true);
      assertThat(courtesy.givesWay()).isFalse();
    }
    assertThat(after(courtesy, 3, 3).givesWay()).isTrue();
  }
}
