package dev.sandpool.server.linux;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A netlink(7) socket of the network namespace in which its thread was when it was opened. Used by
 * one thread at a time; calls go into the kernel and hold their thread meanwhile.
 */
// Calling into libc is this class's whole purpose.
@SuppressWarnings("restricted")
public final class NetlinkSocket implements AutoCloseable {
  /** Interfaces, addresses, routes, neighbours (rtnetlink(7)). */
  public static final int ROUTE = 0;

  /** Packet rules and connection tracking. */
  public static final int NETFILTER = 12;

  /** More was to be told than the socket could hold: what the listener knows may be old. */
  public static final int ENOBUFS = 105;

  private static final int AF_NETLINK = 16;
  private static final int SOCK_RAW_CLOEXEC = 3 | 0x80000;
  private static final int SOL_SOCKET = 1;
  private static final int SO_RCVTIMEO = 20;
  private static final int SOL_NETLINK = 270;
  private static final int ADD_MEMBERSHIP = 1;
  private static final int EXT_ACK = 11;
  private static final int EAGAIN = 11;
  private static final int EINTR = 4;
  private static final int NLM_F_ACK = 4;
  private static final int NLM_F_DUMP = 0x300;
  private static final int ERROR = 2;
  private static final int DONE = 3;
  private static final int BUFFER = 32 << 10;
  private static final int SOCKADDR_NL = 12;

  private static final MethodHandle SOCKET =
      Syscalls.call("socket", FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT));
  private static final MethodHandle BIND =
      Syscalls.call("bind", FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle CLOSE =
      Syscalls.call("close", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle SETSOCKOPT =
      Syscalls.call(
          "setsockopt",
          FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle SEND =
      Syscalls.call(
          "send", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle RECV =
      Syscalls.call(
          "recv", FunctionDescriptor.of(JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));

  private final Arena arena = Arena.ofAuto();
  private final MemorySegment error = arena.allocate(Linker.Option.captureStateLayout());
  private final MemorySegment buffer = arena.allocate(BUFFER);
  private final int descriptor;
  private int sequence;

  private NetlinkSocket(int protocol) throws IOException {
    try {
      descriptor = (int) SOCKET.invokeExact(error, AF_NETLINK, SOCK_RAW_CLOEXEC, protocol);
      Syscalls.check(descriptor, error, "netlink socket " + protocol);
    } catch (Throwable e) {
      throw Syscalls.rethrown(e);
    }
  }

  /** Opens one for {@link #ROUTE} or {@link #NETFILTER}. */
  public static NetlinkSocket open(int protocol) throws IOException {
    var socket = new NetlinkSocket(protocol);
    try {
      socket.option(SOL_NETLINK, EXT_ACK, 1);
      socket.bind();
    } catch (IOException e) {
      socket.close();
      throw e;
    }
    return socket;
  }

  /** Lets the kernel choose its number: without one it receives no events. */
  private void bind() throws IOException {
    MemorySegment address = arena.allocate(SOCKADDR_NL, 4);
    address.set(JAVA_SHORT, 0, (short) AF_NETLINK);
    try {
      int result = (int) BIND.invokeExact(error, descriptor, address, SOCKADDR_NL);
      Syscalls.check(result, error, "binding a netlink socket");
    } catch (Throwable e) {
      throw Syscalls.rethrown(e);
    }
  }

  /** From now on it also receives what the kernel tells that group. */
  public void join(int group) throws IOException {
    option(SOL_NETLINK, ADD_MEMBERSHIP, group);
  }

  /** How long {@link #receive} waits. */
  public void timeout(Duration atMost) throws IOException {
    MemorySegment time = arena.allocate(16, 8);
    time.set(JAVA_LONG, 0, atMost.toSeconds());
    time.set(JAVA_LONG, 8, atMost.toNanosPart() / 1000);
    set(SOL_SOCKET, SO_RCVTIMEO, time);
  }

  private void option(int level, int name, int value) throws IOException {
    MemorySegment number = arena.allocate(JAVA_INT);
    number.set(JAVA_INT, 0, value);
    set(level, name, number);
  }

  private void set(int level, int name, MemorySegment value) throws IOException {
    try {
      int result =
          (int)
              SETSOCKOPT.invokeExact(error, descriptor, level, name, value, (int) value.byteSize());
      Syscalls.check(result, error, "netlink option " + name);
    } catch (Throwable e) {
      throw Syscalls.rethrown(e);
    }
  }

  /**
   * What has come, one or more whole messages; empty where nothing came in time.
   *
   * @throws Syscalls.SyscallException with {@link #ENOBUFS} where something was lost
   */
  public Optional<ByteBuffer> receive() throws IOException {
    try {
      long length = (long) RECV.invokeExact(error, descriptor, buffer, (long) BUFFER, 0);
      if (length < 0 && (Syscalls.errno(error) == EAGAIN || Syscalls.errno(error) == EINTR)) {
        return Optional.empty();
      }
      Syscalls.check(length, error, "receiving from netlink");
      byte[] bytes = new byte[Math.toIntExact(length)];
      MemorySegment.copy(buffer, JAVA_BYTE, 0, bytes, 0, bytes.length);
      return Optional.of(ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()));
    } catch (Throwable e) {
      throw Syscalls.rethrown(e);
    }
  }

  /**
   * Sends a request and waits until it is carried out.
   *
   * @param what the step, for the error
   * @return the message that answers, without its header; empty for most requests
   * @throws Syscalls.SyscallException with the kernel's reason
   */
  public ByteBuffer request(NetlinkMessage message, String what) throws IOException {
    send(message.finish(++sequence), what);
    ByteBuffer answer = ByteBuffer.allocate(0);
    while (true) {
      for (Message one : answers(what)) {
        if (one.type() == ERROR) {
          check(one, what);
          return answer;
        }
        answer = one.content();
      }
    }
  }

  /**
   * Sends a question that has many answers and hands each over, without its header.
   *
   * @param what the step, for the error
   * @throws Syscalls.SyscallException with the kernel's reason
   */
  public void dump(NetlinkMessage question, Consumer<ByteBuffer> reader, String what)
      throws IOException {
    send(question.flags(NLM_F_DUMP).finish(++sequence), what);
    while (true) {
      for (Message one : answers(what)) {
        if (one.type() == ERROR || one.type() == DONE) {
          check(one, what);
          return;
        }
        reader.accept(one.content());
      }
    }
  }

  private record Message(int type, ByteBuffer content) {}

  private static void check(Message last, String what) throws IOException {
    int errno = last.content().remaining() < 4 ? 0 : -last.content().getInt(0);
    if (errno != 0) {
      throw new Syscalls.SyscallException(what, errno);
    }
  }

  /** What has come for the last request. */
  private List<Message> answers(String what) throws IOException {
    ByteBuffer received =
        receive().orElseThrow(() -> new IOException(what + ": the kernel does not answer"));
    List<Message> messages = new ArrayList<>();
    while (received.remaining() >= NetlinkMessage.HEADER) {
      int begin = received.position();
      int length = received.getInt(begin);
      if (received.getInt(begin + 8) == sequence) {
        ByteBuffer content =
            received.slice(begin + NetlinkMessage.HEADER, length - NetlinkMessage.HEADER);
        messages.add(
            new Message(received.getShort(begin + 4), content.order(ByteOrder.nativeOrder())));
      }
      received.position(Math.min(received.limit(), begin + (length + 3 & ~3)));
    }
    return messages;
  }

  private void send(byte[] bytes, String what) throws IOException {
    bytes[6] |= NLM_F_ACK;
    MemorySegment.copy(bytes, 0, buffer, JAVA_BYTE, 0, bytes.length);
    try {
      long sent = (long) SEND.invokeExact(error, descriptor, buffer, (long) bytes.length, 0);
      Syscalls.check(sent, error, what);
    } catch (Throwable e) {
      throw Syscalls.rethrown(e);
    }
  }

  @Override
  public void close() {
    try {
      int ignored = (int) CLOSE.invokeExact(error, descriptor);
    } catch (Throwable e) {
      throw new IllegalStateException("a socket cannot be closed", e);
    }
  }
}
