package dev.sandpool.server.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;

/**
 * The library beneath the tool {@code nft} (libnftables(3)) with a netlink socket of its own: a
 * table that is made with {@code flags owner} belongs to that socket, so nobody else can change it,
 * and it ends with this object or its process. A run costs a fraction of a process.
 *
 * <p>It works on the network namespace in which it was opened.
 */
// Calling into a native library is this class's whole purpose.
@SuppressWarnings("restricted")
public final class Nftables implements AutoCloseable {
  private static final Linker LINKER = Linker.nativeLinker();
  private static final long MOST_OUTPUT = 64L << 20;
  private static final int JSON = 1 << 4;

  private final Functions functions;
  private final MemorySegment context;
  private boolean closed;

  private record Functions(
      MethodHandle open,
      MethodHandle close,
      MethodHandle run,
      MethodHandle keepOutput,
      MethodHandle keepError,
      MethodHandle output,
      MethodHandle error,
      MethodHandle outputFlags) {
    static Functions of(SymbolLookup library) {
      FunctionDescriptor flag = FunctionDescriptor.of(JAVA_INT, ADDRESS);
      FunctionDescriptor text = FunctionDescriptor.of(ADDRESS, ADDRESS);
      return new Functions(
          find(library, "nft_ctx_new", FunctionDescriptor.of(ADDRESS, JAVA_INT)),
          find(library, "nft_ctx_free", FunctionDescriptor.ofVoid(ADDRESS)),
          find(
              library,
              "nft_run_cmd_from_buffer",
              FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS)),
          find(library, "nft_ctx_buffer_output", flag),
          find(library, "nft_ctx_buffer_error", flag),
          find(library, "nft_ctx_get_output_buffer", text),
          find(library, "nft_ctx_get_error_buffer", text),
          find(library, "nft_ctx_output_set_flags", FunctionDescriptor.ofVoid(ADDRESS, JAVA_INT)));
    }

    private static MethodHandle find(
        SymbolLookup library, String name, FunctionDescriptor descriptor) {
      return LINKER.downcallHandle(library.findOrThrow(name), descriptor);
    }
  }

  private Nftables(Functions functions, MemorySegment context) {
    this.functions = functions;
    this.context = context;
  }

  /**
   * Opens the library.
   *
   * @throws IOException if the host lacks it, naming the package
   */
  public static Nftables open() throws IOException {
    Functions functions;
    try {
      functions = Functions.of(SymbolLookup.libraryLookup("libnftables.so.1", Arena.global()));
    } catch (IllegalArgumentException | java.util.NoSuchElementException e) {
      throw new IOException("libnftables.so.1 is missing; install the package nftables", e);
    }
    try {
      var context = (MemorySegment) functions.open.invokeExact(0);
      int kept = (int) functions.keepOutput.invokeExact(context);
      kept |= (int) functions.keepError.invokeExact(context);
      if (kept != 0) {
        throw new IOException("libnftables keeps no output");
      }
      return new Nftables(functions, context);
    } catch (Throwable e) {
      throw Syscalls.rethrown(e);
    }
  }

  /** The same, for one that prints JSON (libnftables-json(5)) instead of text. */
  public static Nftables openForJson() throws IOException {
    Nftables nft = open();
    try {
      nft.functions.outputFlags.invokeExact(nft.context, JSON);
      return nft;
    } catch (Throwable e) {
      nft.close();
      throw Syscalls.rethrown(e);
    }
  }

  /**
   * Runs commands in the language of {@code nft -f}, all or none.
   *
   * @return what they print
   * @throws IOException with the first line of the library's message
   */
  public synchronized String run(String commands) throws IOException {
    if (closed) {
      throw new IOException("nftables is closed");
    }
    try (Arena arena = Arena.ofConfined()) {
      int result = (int) functions.run.invokeExact(context, arena.allocateFrom(commands));
      var output = (MemorySegment) functions.output.invokeExact(context);
      var error = (MemorySegment) functions.error.invokeExact(context);
      if (result != 0) {
        throw new IOException("nft: " + text(error).lines().findFirst().orElse("refused"));
      }
      return text(output);
    } catch (Throwable e) {
      throw Syscalls.rethrown(e);
    }
  }

  private static String text(MemorySegment address) {
    return address.equals(MemorySegment.NULL) ? "" : address.reinterpret(MOST_OUTPUT).getString(0);
  }

  /** Ends the tables that belong to it. */
  @Override
  public synchronized void close() {
    if (closed) {
      return;
    }
    closed = true;
    try {
      functions.close.invokeExact(context);
    } catch (Throwable e) {
      throw new IllegalStateException("libnftables cannot be closed", e);
    }
  }
}
