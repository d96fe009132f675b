package dev.sandpool.server.engine.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sandpool.server.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nobody keeps little for ever, and those who take all do not have all back together. */
class ProcessorSharesTest {
  private static final long LOOK = Courtesy.PERIOD_NANOS;
  private static final int QUARTER = 12_500;

  @TempDir Path host;

  private Cgroups cgroups;
  private Path stat;
  private long idle;
  private long busy;
  private long now;

  @BeforeEach
  void mount() throws IOException {
    Path cpu = Files.createDirectories(host.resolve("cpu"));
    Path memory = Files.createDirectories(host.resolve("memory"));
    cgroups =
        Cgroups.of(
            List.of(
                new Mounts.Mount(cpu, "cgroup", List.of("cpu")),
                new Mounts.Mount(memory, "cgroup", List.of("memory"))),
            "spabcd",
            false);
    stat = host.resolve("stat");
    Files.writeString(stat, "cpu 0 0 0 0 0 0 0 0 0 0\n");
  }

  private Path outer(String name) {
    return host.resolve("cpu/spabcd").resolve(name);
  }

  /** One with a quarter of a processor, as an earlier engine has left it. */
  private void sandbox(String name, int micros, boolean behind) throws IOException {
    Path box = Files.createDirectories(outer(name).resolve("box"));
    Files.writeString(outer(name).resolve("cpu.idle"), behind ? "1\n" : "0\n");
    Files.writeString(outer(name).resolve("cpu.shares"), "256\n");
    Files.writeString(outer(name).resolve("cpu.cfs_quota_us"), 2 * QUARTER + 20_000 + "\n");
    Files.writeString(box.resolve("cpu.cfs_quota_us"), micros + "\n");
    Files.writeString(box.resolve("cpu.cfs_burst_us"), "0\n");
    held(name, 0);
  }

  /** Has been held back so often. */
  private void held(String name, long throttled) throws IOException {
    Files.writeString(
        outer(name).resolve("box/cpu.stat"),
        "nr_periods 0\nnr_throttled " + throttled + "\nthrottled_time 0\n");
  }

  private long quota(String name) throws IOException {
    return Long.parseLong(Files.readString(outer(name).resolve("box/cpu.cfs_quota_us")).strip());
  }

  private boolean behind(String name) throws IOException {
    return Files.readString(outer(name).resolve("cpu.idle")).startsWith("1");
  }

  private ProcessorShares shares() {
    return new ProcessorShares(cgroups, stat, 2, now);
  }

  private void look(ProcessorShares shares, int times, double idleShare) throws IOException {
    for (int i = 0; i < times; i++) {
      now += LOOK;
      idle += Math.round(10 * idleShare);
      busy += Math.round(10 * (1 - idleShare));
      Files.writeString(stat, "cpu " + busy + " 0 0 " + idle + " 0 0 0 0 0 0\n");
      shares.look(now);
    }
  }

  @Test
  void whatAnEarlierEngineTookIsGivenBackOnAnIdleHost() throws IOException {
    sandbox("spabcdone", QUARTER / 8, true);
    sandbox("spabcdtwo", QUARTER / 2, true);
    look(shares(), 60, 1);
    assertThat(quota("spabcdone")).isEqualTo(QUARTER);
    assertThat(quota("spabcdtwo")).isEqualTo(QUARTER);
    assertThat(behind("spabcdone") || behind("spabcdtwo")).isFalse();
  }

  @Test
  void whoTakesAllKeepsItsBoundWhereThereIsRoomButStandsBehind() throws IOException {
    sandbox("spabcdone", QUARTER, false);
    ProcessorShares shares = shares();
    look(shares, 1, 0.5);
    for (int i = 1; i <= 100; i++) {
      held("spabcdone", i);
      look(shares, 1, 0.5);
      assertThat(quota("spabcdone")).isEqualTo(QUARTER);
      assertThat(behind("spabcdone")).isTrue();
    }
    look(shares, 101, 0.5);
    assertThat(behind("spabcdone")).isFalse();
  }

  @Test
  void thoseWhoBeganTogetherAreBelievedOneASecond() throws IOException {
    List<String> names = List.of("spabcdone", "spabcdtwo", "spabcdthree");
    for (String name : names) {
      sandbox(name, QUARTER, false);
    }
    ProcessorShares shares = shares();
    look(shares, 1, 0);
    int most = 0;
    int believed = 0;
    long throttled = 0;
    boolean[] restrained = new boolean[names.size()];
    for (int second = 0; second < 16; second++) {
      int now = 0;
      for (int i = 0; i < 20; i++) {
        throttled++;
        for (String name : names) {
          held(name, throttled);
        }
        look(shares, 1, 0);
        for (int k = 0; k < names.size(); k++) {
          boolean has = quota(names.get(k)) == QUARTER / 8;
          now += restrained[k] && !has ? 1 : 0;
          restrained[k] = has;
        }
      }
      most = Math.max(most, now);
      believed += now;
    }
    assertThat(believed).as("each once within 16 s").isEqualTo(3);
    assertThat(most).as("in one second").isEqualTo(1);
  }

  @Test
  void oneThatTakesNoChangeKeepsNobodyFromTheOthers() throws IOException {
    sandbox("spabcdbad", QUARTER, false);
    sandbox("spabcdone", QUARTER, false);
    Path idle = outer("spabcdbad").resolve("cpu.idle");
    Files.delete(idle);
    Files.createDirectory(idle);
    ProcessorShares shares = shares();
    look(shares, 1, 0.5);
    for (int i = 1; i <= 10; i++) {
      held("spabcdbad", i);
      held("spabcdone", i);
      look(shares, 1, 0.5);
    }
    assertThat(behind("spabcdone")).isTrue();
  }

  @Test
  void manyAreNotBelievedForLongerThanTheyShould() throws IOException {
    for (int i = 0; i < 100; i++) {
      sandbox("spabcd" + i, QUARTER / 8, true);
    }
    ProcessorShares shares = shares();
    // Ten seconds until it is time, and 25, not 100, in which all have their turn.
    for (int look = 1; look <= 700; look++) {
      for (int i = 0; i < 100; i++) {
        held("spabcd" + i, quota("spabcd" + i) == QUARTER ? 0 : look);
      }
      look(shares, 1, 0);
    }
    for (int i = 0; i < 100; i++) {
      assertThat(quota("spabcd" + i)).isEqualTo(QUARTER);
    }
  }
}
