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

  public static final long MS_NOSUID = 2;
  public static final long MS_NODEV = 4;
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

  private static final int SCHED_ATTR_FLAGS = 8;
  private static final int SCHED_ATTR_RUNTIME = 24;
  private static final long SCHED_FLAG_RESET_ON_FORK = 1;

  private static final Linker LINKER = Linker.nativeLinker();
  private static final VarHandle ERRNO =
      Linker.Option.captureStateLayout().varHandle(PathElement.groupElement("errno"));
  private static final MethodHandle MOUNT =
      call("mount", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));
  private static final MethodHandle UMOUNT =
      call("umount2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle UNSHARE =
      call("unshare", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle KILL =
      call("kill", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle OPEN =
      variadic("open", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT), 2);
  private static final MethodHandle CLOSE =
      call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle SYSCALL =
      variadic(
          "syscall",
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          1);
  private static final MethodHandle SEEK =
      call("lseek", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle IOCTL =
      variadic("ioctl", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, ADDRESS), 2);
  private static final MethodHandle STRERROR =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("strerror"), FunctionDescriptor.of(ADDRESS, JAVA_INT));

  private Syscalls() {}

  /** A system call that failed. */
  public static final class SyscallException extends IOException {
    private static final long serialVersionUID = 1L;
    private final int errno;

    SyscallException(String what, int errno) {
      super(what + ": " + errorText(errno));
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
      MemorySegment error = arena.allocate(Linker.Option.captureStateLayout());
      int result =
          (int)
              MOUNT.invokeExact(
                  error,
                  arena.allocateFrom(source),
                  arena.allocateFrom(target.toString()),
                  text(arena, type),
                  flags,
                  text(arena, data));
      check(result, error, "mounting " + (type == null ? source : type) + " on " + target);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** umount2(2). */
  public static void unmount(Path target, int flags) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment error = arena.allocate(Linker.Option.captureStateLayout());
      int result = (int) UMOUNT.invokeExact(error, arena.allocateFrom(target.toString()), flags);
      check(result, error, "unmounting " + target);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** unshare(2), for the calling thread alone: it must be a platform thread of its own. */
  public static void unshare(int flags) throws IOException {
    if (Thread.currentThread().isVirtual()) {
      throw new IllegalStateException("unshare would change whichever thread carries this one");
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment error = arena.allocate(Linker.Option.captureStateLayout());
      check((int) UNSHARE.invokeExact(error, flags), error, "unshare");
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** kill(2); a process that is gone already is no error. */
  public static void kill(long pid, int signal) throws IOException {
    if (pid <= 1) {
      throw new IllegalArgumentException("refusing to signal process " + pid);
    }
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment error = arena.allocate(Linker.Option.captureStateLayout());
      int result = (int) KILL.invokeExact(error, Math.toIntExact(pid), signal);
      if (result < 0 && errno(error) != ESRCH) {
        check(result, error, "signalling process " + pid);
      }
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** open(2), not inherited by other programs; the descriptor is for {@link #close}. */
  public static int open(Path file, int flags) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment error = arena.allocate(Linker.Option.captureStateLayout());
      int result =
          (int)
              OPEN.invokeExact(error, arena.allocateFrom(file.toString()), flags | O_CLOEXEC, 0600);
      check(result, error, "opening " + file);
      return result;
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** close(2). */
  public static void close(int descriptor) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment error = arena.allocate(Linker.Option.captureStateLayout());
      check((int) CLOSE.invokeExact(error, descriptor), error, "closing a descriptor");
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** lseek(2); answers the new position. */
  public static long seek(int descriptor, long offset, int whence) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment error = arena.allocate(Linker.Option.captureStateLayout());
      long result = (long) SEEK.invokeExact(error, descriptor, offset, whence);
      check(result, error, "seeking to " + offset);
      return result;
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /**
   * ioctl(2).
   *
   * @param what it does, for the message of a failure
   */
  public static int ioctl(int descriptor, long request, MemorySegment argument, String what)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment error = arena.allocate(Linker.Option.captureStateLayout());
      int result = (int) IOCTL.invokeExact(error, descriptor, request, argument);
      check(result, error, what);
      return result;
    } catch (Throwable e) {
      throw rethrown(e);
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

  private static MemorySegment schedulingOf(Arena arena) throws IOException {
    MemorySegment attributes = arena.allocate(SCHED_ATTR, Long.BYTES);
    call("reading the time slice", number(315, 275), 0, attributes.address(), SCHED_ATTR, 0);
    return attributes;
  }

  /** A system call that libc has no function for, by its number. */
  private static long number(long amd64, long others) {
    return System.getProperty("os.arch").equals("amd64") ? amd64 : others;
  }

  /** syscall(2), for calls that older C libraries have no function for; at most five arguments. */
  static long call(String what, long number, long... arguments) throws IOException {
    long[] all = Arrays.copyOf(arguments, 5);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment error = arena.allocate(Linker.Option.captureStateLayout());
      long result =
          (long) SYSCALL.invokeExact(error, number, all[0], all[1], all[2], all[3], all[4]);
      check(result, error, what);
      return result;
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /**
   * A function with variable arguments, which some processors pass otherwise.
   *
   * @param first the index of the first of them
   */
  private static MethodHandle variadic(String name, FunctionDescriptor shape, int first) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name),
        shape,
        Linker.Option.captureCallState("errno"),
        Linker.Option.firstVariadicArg(first));
  }

  static MethodHandle call(String name, FunctionDescriptor shape) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), shape, Linker.Option.captureCallState("errno"));
  }

  private static MemorySegment text(Arena arena, @Nullable String value) {
    return value == null ? MemorySegment.NULL : arena.allocateFrom(value);
  }

  static int errno(MemorySegment error) {
    return (int) ERRNO.get(error, 0L);
  }

  static void check(long result, MemorySegment error, String what) throws IOException {
    if (result < 0) {
      throw new SyscallException(what, errno(error));
    }
  }

  private static String errorText(int errno) {
    try {
      var text = (MemorySegment) STRERROR.invokeExact(errno);
      return text.reinterpret(256).getString(0);
    } catch (Throwable e) {
      return "errno " + errno;
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
