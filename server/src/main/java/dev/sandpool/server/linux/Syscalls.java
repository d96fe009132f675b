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
// Calling into libc is this class's whole purpose; nothing else of the server does it.
@SuppressWarnings("restricted")
public final class Syscalls {
  public static final int SIGKILL = 9;
  public static final int SIGTERM = 15;
  public static final int EPERM = 1;
  public static final int ENOENT = 2;
  public static final int ESRCH = 3;
  public static final int EBUSY = 16;
  public static final int EINVAL = 22;

  public static final long MS_NOSUID = 2;
  public static final long MS_NODEV = 4;
  public static final long MS_BIND = 4096;
  public static final long MS_REC = 16384;
  public static final long MS_PRIVATE = 1 << 18;
  public static final long MS_SLAVE = 1 << 19;
  public static final int MNT_DETACH = 2;
  public static final int CLONE_NEWNS = 0x20000;

  private static final int O_CLOEXEC = 02000000;

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
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("open"),
          FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT),
          Linker.Option.captureCallState("errno"),
          Linker.Option.firstVariadicArg(2));
  private static final MethodHandle CLOSE =
      call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle SYSCALL =
      LINKER.downcallHandle(
          LINKER.defaultLookup().findOrThrow("syscall"),
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG),
          Linker.Option.captureCallState("errno"),
          Linker.Option.firstVariadicArg(1));
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
      if (result < 0 && (int) ERRNO.get(error, 0L) != ESRCH) {
        check(result, error, "signalling process " + pid);
      }
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** open(2) for reading; closed in what is executed. */
  static int open(Path path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment error = arena.allocate(Linker.Option.captureStateLayout());
      int result = (int) OPEN.invokeExact(error, arena.allocateFrom(path.toString()), O_CLOEXEC, 0);
      check(result, error, "opening " + path);
      return result;
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** close(2). */
  static void close(int descriptor) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment error = arena.allocate(Linker.Option.captureStateLayout());
      check((int) CLOSE.invokeExact(error, descriptor), error, "closing a descriptor");
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** syscall(2), for calls that older C libraries have no function for; at most five arguments. */
  static long call(String what, long number, long... arguments) throws IOException {
    long[] all = Arrays.copyOf(arguments, 5);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment error = arena.allocate(Linker.Option.captureStateLayout());
      long result =
          (long) SYSCALL.invokeExact(error, number, all[0], all[1], all[2], all[3], all[4]);
      check((int) result, error, what);
      return result;
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private static MethodHandle call(String name, FunctionDescriptor shape) {
    return LINKER.downcallHandle(
        LINKER.defaultLookup().findOrThrow(name), shape, Linker.Option.captureCallState("errno"));
  }

  private static MemorySegment text(Arena arena, @Nullable String value) {
    return value == null ? MemorySegment.NULL : arena.allocateFrom(value);
  }

  private static void check(int result, MemorySegment error, String what) throws IOException {
    if (result < 0) {
      throw new SyscallException(what, (int) ERRNO.get(error, 0L));
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

  private static IOException rethrown(Throwable failure) {
    return switch (failure) {
      case IOException e -> e;
      case RuntimeException e -> throw e;
      case Error e -> throw e;
      default -> new IOException(failure);
    };
  }
}
