package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Who computes without end stands behind who only answers, and nobody for ever. */
class CourtesyTest {
  private static final long PERIOD = Courtesy.PERIOD_NANOS;

  private static Courtesy fresh() {
    return Courtesy.of(7, 0, 1, false);
  }

  /** After so many more periods on a tight host, in so many of which it was held back. */
  private static Courtesy after(Courtesy courtesy, int periods, int throttled) {
    return after(courtesy, periods, throttled, false);
  }

  private static Courtesy after(Courtesy courtesy, int periods, int throttled, boolean room) {
    return courtesy.next(
        courtesy.throttled() + throttled, courtesy.atNanos() + periods * PERIOD, room);
  }

  @Test
  void threePeriodsAtTheBoundLeaveTheLeast() {
    assertThat(after(fresh(), 2, 2).restrained()).isFalse();
    assertThat(after(after(fresh(), 2, 2), 1, 1).restrained()).isTrue();
    assertThat(after(fresh(), 3, 3).restrained()).isTrue();
  }

  @Test
  void eachPeriodAtTheBoundHalvesItAndTwoOfCalmGiveAsMuchBack() {
    Courtesy courtesy = fresh();
    for (int parts : new int[] {1, 2, 4, 8}) {
      assertThat(courtesy.parts()).isEqualTo(parts);
      assertThat(courtesy.behind()).isEqualTo(parts > 1);
      courtesy = after(courtesy, 1, 1);
    }
    courtesy = after(fresh(), 2, 2);
    for (int parts : new int[] {4, 2, 2, 1}) {
      assertThat(courtesy.parts()).isEqualTo(parts);
      assertThat(courtesy.behind()).isTrue();
      courtesy = after(courtesy, 1, 0);
    }
    assertThat(courtesy.behind()).isFalse();
  }

  @Test
  void whereThereIsRoomItStandsBehindOthersWithAllOfItsBound() {
    Courtesy courtesy = fresh();
    for (int i = 0; i < 100; i++) {
      courtesy = after(courtesy, 1, 1, true);
      assertThat(courtesy.behind()).isTrue();
      assertThat(courtesy.parts()).isEqualTo(1);
    }
    assertThat(after(courtesy, 99, 0, true).behind()).isTrue();
    assertThat(after(courtesy, 100, 0, true)).matches(calm -> !calm.behind() && calm.settled());
  }

  @Test
  void whatItDidWhereThereWasRoomMakesNothingLessWhereThereIsNot() {
    Courtesy courtesy = after(fresh(), 100, 100, true);
    assertThat(after(courtesy, 1, 0).parts()).isEqualTo(1);
    for (int parts : new int[] {2, 4, 8}) {
      courtesy = after(courtesy, 1, 1);
      assertThat(courtesy.parts()).isEqualTo(parts);
    }
  }

  @Test
  void partsAreGivenBackAsSoonAsThereIsRoomButNotToWhoCannotBeTold() {
    assertThat(after(after(fresh(), 2, 2), 1, 1, true).parts()).isEqualTo(1);
    assertThat(after(after(fresh(), 3, 3), 1, 1, true).parts()).isEqualTo(Courtesy.PARTS);
  }

  @Test
  void anotherEngineGoesOnFromWhatTheLastOneLeft() {
    for (int parts : new int[] {1, 2, 4, 8}) {
      Courtesy met = Courtesy.of(5, 0, parts, parts > 1);
      assertThat(met.parts()).isEqualTo(parts);
      assertThat(met.behind()).isEqualTo(parts > 1);
      assertThat(met.restrained()).isEqualTo(parts == Courtesy.PARTS);
    }
    assertThat(after(Courtesy.of(5, 0, 4, true), 4, 0).parts()).isEqualTo(1);
    Courtesy behind = Courtesy.of(5, 0, 1, true);
    assertThat(behind.behind()).isTrue();
    assertThat(after(behind, 1, 0, true).behind()).isFalse();
  }

  @Test
  void partsThatNobodyLeavesAreTakenForFewer() {
    assertThat(Courtesy.of(5, 0, 3, false).parts()).isEqualTo(2);
    assertThat(Courtesy.of(5, 0, 100, true).parts()).isEqualTo(Courtesy.PARTS);
  }

  @Test
  void whoIsHeldBackNowAndThenHasHalfOfItsBoundAndNoLess() {
    Courtesy courtesy = fresh();
    for (int i = 0; i < 1000; i++) {
      courtesy = after(courtesy, 1, 1);
      assertThat(courtesy).matches(held -> held.behind() && held.parts() == 2);
      courtesy = after(courtesy, 2, 0);
      assertThat(courtesy).matches(calm -> !calm.behind() && calm.parts() == 1);
    }
  }

  @Test
  void whoWasCalmBecauseOthersWentBeforeIsNotTakenAtItsWord() {
    Courtesy courtesy = after(fresh(), 1, 1);
    assertThat(after(courtesy, 1, 0).behind()).isTrue();
    assertThat(after(courtesy, 1, 0, true).behind()).isFalse();
  }

  @Test
  void tenSecondsOfCalmWithRoomEndIt() {
    Courtesy courtesy = after(fresh(), 100_000, 100_000);
    assertThat(after(courtesy, 199, 0, true).behind()).isTrue();
    assertThat(after(courtesy, 200, 0, true).behind()).isFalse();
  }

  @Test
  void whatAnEarlierEngineDecidedIsTakenBackToo() {
    Courtesy met = Courtesy.of(5, 0, Courtesy.PARTS, true);
    assertThat(after(met, Courtesy.MOST, 0, true).parts()).isEqualTo(1);
    assertThat(after(met, Courtesy.MOST, Courtesy.MOST).due()).isTrue();
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
      assertThat(after(courtesy, stint - 1, stint - 1).due()).isFalse();
      courtesy = after(courtesy, stint, stint);
      assertThat(courtesy.due()).isTrue();
      assertThat(courtesy.restrained()).as("until somebody believes it").isTrue();
      courtesy = courtesy.believed();
      assertThat(courtesy).matches(all -> all.parts() == 1 && !all.behind());
      assertThat(after(courtesy, 2, 2).restrained()).isFalse();
      courtesy = after(courtesy, 3, 3);
      assertThat(courtesy.restrained()).isTrue();
    }
  }

  @Test
  void whoWasGoodForLongIsBelievedAsSoonAsAnybody() {
    Courtesy courtesy = after(after(fresh(), 3, 3), 200, 200).believed();
    assertThat(courtesy.settled()).isFalse();
    courtesy = after(courtesy, 200, 0);
    assertThat(courtesy.settled()).isTrue();
    courtesy = after(courtesy, 3, 3);
    assertThat(after(courtesy, 200, 200).due()).isTrue();
  }
}
