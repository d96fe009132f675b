package dev.sandpool.server.linux;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;
import static java.lang.foreign.ValueLayout.JAVA_SHORT;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.ref.Reference;
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

  private final Arena arena = Arena.ofAuto();
  private final MemorySegment buffer = arena.allocate(BUFFER);
  private final int descriptor;
  private int sequence;

  private NetlinkSocket(int protocol) throws IOException {
    String what = "netlink socket " + protocol;
    long socket = Syscalls.number(41, 198);
    descriptor = (int) Syscalls.call(what, socket, AF_NETLINK, SOCK_RAW_CLOEXEC, protocol);
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
    long bind = Syscalls.number(49, 200);
    Syscalls.check(attempt(bind, address.address(), SOCKADDR_NL), "binding a netlink socket");
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
    long setsockopt = Syscalls.number(54, 208);
    long result = attempt(setsockopt, level, name, value.address(), value.byteSize());
    Syscalls.check(result, "netlink option " + name);
  }

  /**
   * What has come, one or more whole messages; empty where nothing came in time.
   *
   * @throws Syscalls.SyscallException with {@link #ENOBUFS} where something was lost
   */
  public Optional<ByteBuffer> receive() throws IOException {
    long recvfrom = Syscalls.number(45, 207);
    long length = attempt(recvfrom, buffer.address(), BUFFER, 0, 0, 0);
    if (length == -EAGAIN || length == -EINTR) {
      return Optional.empty();
    }
    Syscalls.check(length, "receiving from netlink");
    byte[] bytes = new byte[Math.toIntExact(length)];
    MemorySegment.copy(buffer, JAVA_BYTE, 0, bytes, 0, bytes.length);
    return Optional.of(ByteBuffer.wrap(bytes).order(ByteOrder.nativeOrder()));
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
    long sendto = Syscalls.number(44, 206);
    Syscalls.check(attempt(sendto, buffer.address(), bytes.length, 0, 0, 0), what);
  }

  /** A system call on this socket; what it is given the address of is this socket's own memory. */
  private long attempt(long number, long... arguments) {
    long[] all = new long[arguments.length + 1];
    all[0] = descriptor;
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    try {
      return Syscalls.attempt(number, all);
    } finally {
      Reference.reachabilityFence(arena);
    }
  }

  @Override
  public void close() {
    attempt(Syscalls.number(3, 57));
  }
}
