package dev.sandpool.server.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TimeSliceTest {
  private static <T> T onThread(Callable<T> work) throws ExecutionException, InterruptedException {
    var task = new FutureTask<>(work);
    Thread.ofPlatform().start(task);
    return task.get();
  }

  @Test
  void whatTheThreadStartsDoesNotInheritIt() throws Exception {
    long usual = onThread(Syscalls::timeSlice);
    long child =
        onThread(
            () -> {
              TimeSlice.shorten();
              return onThread(Syscalls::timeSlice);
            });
    assertThat(child).isEqualTo(usual);
  }

  @Test
  void whatAnEngineStartsInheritsWhereTheKernelKnowsIt() throws Exception {
    long usual = onThread(Syscalls::timeSlice);
    long child =
        onThread(
            () -> {
              TimeSlice.shortenForAllThatIsStarted();
              return onThread(Syscalls::timeSlice);
            });
    assertThat(child).isIn(500_000L, usual);
  }

  @Test
  void theThreadHasItWhereTheKernelKnowsIt() throws Exception {
    long usual = onThread(Syscalls::timeSlice);
    long shortened =
        onThread(
            () -> {
              TimeSlice.shorten();
              return Syscalls.timeSlice();
            });
    // Kernels before 6.12 have one slice for all, and say 0 or that.
    assertThat(shortened).isIn(100_000L, usual);
  }

  @Test
  void aVirtualThreadDoesNotChangeItsCarrier() {
    var task = new FutureTask<@Nullable Void>(TimeSliceTest::shortenHere, null);
    Thread.ofVirtual().start(task);
    assertThatThrownBy(task::get).hasCauseInstanceOf(IllegalStateException.class);
  }

  private static void shortenHere() {
    TimeSlice.shorten();
  }
}
