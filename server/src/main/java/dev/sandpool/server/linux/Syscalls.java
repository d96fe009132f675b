package dev.sandpool.server.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.lang.ref.Reference;
import java.nio.file.Path;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * System calls as plain methods; a process per mount or signal would cost more than the call's
 * thousandfold. Each throws {@link IOException} with call, object and errno's text.
 */
// Calling into libc is this class's whole purpose.
@SuppressWarnings("restricted")
public final class Syscalls {
  public static final int SIGKILL = 9;
  public static final int SIGTERM = 15;
  public static final int SIGUSR1 = 10;
  public static final int SIGUSR2 = 12;
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int ENXIO = 6;
  public static final int EBUSY = 16;
  public static final int EINVAL = 22;

  public static final long MS_RDONLY = 1;
  public static final long MS_NOSUID = 2;
  public static final long MS_NODEV = 4;
  public static final long MS_REMOUNT = 32;
  public static final long MS_NOATIME = 1024;
  public static final long MS_BIND = 4096;
  public static final long MS_REC = 16384;
  public static final long MS_PRIVATE = 1 << 18;
  public static final long MS_SLAVE = 1 << 19;
  public static final long MS_SHARED = 1 << 20;
  public static final int MNT_DETACH = 2;
  public static final int CLONE_NEWNS = 0x20000;
  public static final int CLONE_NEWNET = 0x40000000;
  public static final int O_RDONLY = 0;
  public static final int O_RDWR = 2;
  public static final int SEEK_DATA = 3;
  public static final int SEEK_HOLE = 4;

  private static final int O_CLOEXEC = 0x80000;

  /** struct sched_attr of sched_setattr(2), in bytes. */
  private static final int SCHED_ATTR = 56;

  private static final int SCHED_ATTR_POLICY = 4;
  private static final int SCHED_ATTR_FLAGS = 8;
  private static final int SCHED_ATTR_PRIORITY = 20;
  private static final int SCHED_ATTR_RUNTIME = 24;
  private static final long SCHED_FLAG_RESET_ON_FORK = 1;
  private static final int SCHED_FIFO = 1;

  /** openat(2)'s word for "relative to the working directory". */
  private static final long HERE = -100;

  private static final int MOST_ARGUMENTS = 6;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final VarHandle ERRNO =
      Linker.Option.captureStateLayout().varHandle(PathElement.groupElement("errno"));

  /**
   * The one function through which all go: the JVM spins some twenty classes for each shape of a
   * function, which every start of a server would wait for.
   */
  private static final MethodHandle SYSCALL =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("syscall"),
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG,
              JAVA_LONG),
          Linker.Option.captureCallState("errno"),
          Linker.Option.firstVariadicArg(1));

  private Syscalls() {}

  /** A system call that failed. */
  public static final class SyscallException extends IOException {
    private static final long serialVersionUID = 1L;
    private final int errno;

    SyscallException(String what, int errno) {
      super(what + ": " + ErrorText.of(errno));
      this.errno = errno;
    }

    /** The kernel's error number. */
    public int errno() {
      return errno;
    }
  }

  /** mount(2). */
  public static void mount(
      String source, Path target, @Nullable String type, long flags, @Nullable String data)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      call(
          "mounting " + (type == null ? source : type) + " on " + target,
          number(165, 40),
          text(arena, source),
          text(arena, target.toString()),
          text(arena, type),
          flags,
          text(arena, data));
    }
  }

  /** umount2(2). */
  public static void unmount(Path target, int flags) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      call("unmounting " + target, number(166, 39), text(arena, target.toString()), flags);
    }
  }

  /** unshare(2), for the calling thread alone: it must be a platform thread of its own. */
  public static void unshare(int flags) throws IOException {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException("unshare would change whichever thread carries this one");
    }
    call("unshare", number(272, 97), flags);
  }

  /** kill(2); a process that is gone already is no error. */
  public static void kill(long pid, int signal) throws IOException {
    if (pid <= 1 || pid > Integer.MAX_VALUE) {
      throw new IllegalArgumentException("refusing to signal process " + pid);
    }
    long result = attempt(number(62, 129), pid, signal);
    if (result != -ESRCH) {
      check(result, "signalling process " + pid);
    }
  }

  /** open(2), not inherited by other programs; the descriptor is for {@link #close}. */
  public static int open(Path file, int flags) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      String what = "opening " + file;
      long name = text(arena, file.toString());
      return (int) call(what, number(257, 56), HERE, name, flags | O_CLOEXEC, 0600);
    }
  }

  /** close(2). */
  public static void close(int descriptor) throws IOException {
    call("closing a descriptor", number(3, 57), descriptor);
  }

  /** lseek(2); answers the new position. */
  public static long seek(int descriptor, long offset, int whence) throws IOException {
    return call("seeking to " + offset, number(8, 62), descriptor, offset, whence);
  }

  /**
   * ioctl(2).
   *
   * @param what it does, for the message of a failure
   */
  public static int ioctl(int descriptor, long request, MemorySegment argument, String what)
      throws IOException {
    try {
      return (int) call(what, number(16, 29), descriptor, request, argument.address());
    } finally {
      Reference.reachabilityFence(argument);
    }
  }

  /**
   * sched_setattr(2) with {@code sched_runtime}, for the calling platform thread alone: how long it
   * wants to run at once, and so how soon it runs after it was woken while others compute. Without
   * effect before Linux 6.12.
   *
   * @param nanos 100,000 to 100,000,000
   * @param inherited whether processes and threads that it starts have it as well
   */
  public static void timeSlice(long nanos, boolean inherited) throws IOException {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException("a virtual thread has no time slice of its own");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = schedulingOf(arena);
      attributes.set(JAVA_LONG, SCHED_ATTR_FLAGS, inherited ? 0 : SCHED_FLAG_RESET_ON_FORK);
      attributes.set(JAVA_LONG, SCHED_ATTR_RUNTIME, nanos);
      call("setting the time slice", number(314, 274), 0, attributes.address(), 0);
    }
  }

  /**
   * The time slice that {@link #timeSlice(long, boolean)} has set; something else where it was not.
   */
  public static long timeSlice() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return schedulingOf(arena).get(JAVA_LONG, SCHED_ATTR_RUNTIME);
    }
  }

  /**
   * sched_setattr(2) with {@code SCHED_FIFO} and the lowest of its priorities, for the calling
   * platform thread alone, and nothing that it starts: it runs as soon as it wants to and as long
   * as it wants to.
   */
  static void first() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment attributes = schedulingOf(arena);
      attributes.set(JAVA_INT, SCHED_ATTR_POLICY, SCHED_FIFO);
      attributes.set(JAVA_LONG, SCHED_ATTR_FLAGS, SCHED_FLAG_RESET_ON_FORK);
      attributes.set(JAVA_INT, SCHED_ATTR_PRIORITY, 1);
      attributes.set(JAVA_LONG, SCHED_ATTR_RUNTIME, 0);
      call("going before all others", number(314, 274), 0, attributes.address(), 0);
    }
  }

  private static MemorySegment schedulingOf(Arena arena) throws IOException {
    MemorySegment attributes = arena.allocate(SCHED_ATTR, Long.BYTES);
    call("reading the time slice", number(315, 275), 0, attributes.address(), SCHED_ATTR, 0);
    return attributes;
  }

  /** setpriority(2) of one thread; raising its number needs no rights. */
  static void niceness(long thread, int niceness) throws IOException {
    call("setting the niceness", number(141, 140), 0, thread, niceness);
  }

  /** A system call's number, which amd64 has of its own. */
  static long number(long amd64, long others) {
    return System.getProperty("os.arch").equals("amd64") ? amd64 : others;
  }

  /**
   * A system call that must succeed.
   *
   * @param what it does, for the message of a failure
   * @param arguments at most six; whoever gives an address keeps what is there until this returns
   */
  static long call(String what, long number, long... arguments) throws IOException {
    return check(attempt(number, arguments), what);
  }

  /** The same, answering as the kernel does: below zero it is the error's number, negated. */
  static long attempt(long number, long... arguments) {
    long[] all = Arrays.copyOf(arguments, MOST_ARGUMENTS);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment error = arena.allocate(Linker.Option.captureStateLayout());
      long result =
          (long) SYSCALL.invokeExact(error, number, all[0], all[1], all[2], all[3], all[4], all[5]);
      return result == -1 ? -(int) ERRNO.get(error, 0L) : result;
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("system call " + number + " cannot be made", e);
    }
  }

  /** The address of a text for the kernel; 0 for none. */
  private static long text(Arena arena, @Nullable String value) {
    return value == null ? 0 : arena.allocateFrom(value).address();
  }

  /** What {@link #attempt} has answered, if that is no failure. */
  static long check(long result, String what) throws IOException {
    if (result < 0) {
      throw new SyscallException(what, Math.toIntExact(-result));
    }
    return result;
  }

  /** What error numbers mean, known from the first failure on. */
  private static final class ErrorText {
    private static final MethodHandle STRERROR =
        LINKER.downcallHandle(
            LINKER.defaultLookup().findOrThrow("strerror"),
            FunctionDescriptor.of(ADDRESS, JAVA_INT));

    static String of(int errno) {
      try {
        var text = (MemorySegment) STRERROR.invokeExact(errno);
        return text.reinterpret(256).getString(0);
      } catch (Throwable e) {
        return "errno " + errno;
      }
    }
  }

  static IOException rethrown(Throwable failure) {
    return switch (failure) {
      case IOException e -> e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> new IOException(failure);
    };
  }
}
