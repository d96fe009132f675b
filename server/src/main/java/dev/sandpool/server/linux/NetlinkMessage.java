package dev.sandpool.server.linux;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** One request to the kernel as netlink(7) writes it: a header, a fixed part, nested attributes. */
public final class NetlinkMessage {
  /** Length of the header of every message. */
  public static final int HEADER = 16;

  private static final int ALIGNMENT = 4;
  private static final int FLAGS = 6;
  private static final int SEQUENCE = 8;
  private static final int CAPACITY = 4096;

  private final ByteBuffer bytes = ByteBuffer.allocate(CAPACITY).order(ByteOrder.nativeOrder());

  /**
   * Begins a message.
   *
   * @param type what is asked for, such as RTM_NEWLINK
   * @param flags beside NLM_F_REQUEST
   */
  public NetlinkMessage(int type, int flags) {
    bytes.putInt(0).putShort((short) type).putShort((short) (flags | 1)).putInt(0).putInt(0);
  }

  /** Adds to the flags. */
  NetlinkMessage flags(int more) {
    bytes.putShort(FLAGS, (short) (bytes.getShort(FLAGS) | more));
    return this;
  }

  /** Adds 32 bits of the fixed part. */
  public NetlinkMessage word(int value) {
    bytes.putInt(value);
    return this;
  }

  /** Adds the 4 bytes of which the fixed part of most messages begins. */
  public NetlinkMessage octets(int first, int second, int third, int fourth) {
    bytes.put((byte) first).put((byte) second).put((byte) third).put((byte) fourth);
    return this;
  }

  /** Adds an attribute that holds bytes. */
  public NetlinkMessage attribute(int type, byte[] value) {
    return nest(type, inner -> inner.bytes.put(value));
  }

  /** Adds an attribute that holds 32 bits in the machine's order. */
  public NetlinkMessage attribute(int type, int value) {
    return nest(type, inner -> inner.bytes.putInt(value));
  }

  /** Adds an attribute that holds a text with its end. */
  public NetlinkMessage attribute(int type, String value) {
    return attribute(type, (value + '\0').getBytes(StandardCharsets.US_ASCII));
  }

  /** Adds an attribute that holds others. */
  public NetlinkMessage nest(int type, Consumer<NetlinkMessage> content) {
    int begin = bytes.position();
    bytes.putShort((short) 0).putShort((short) type);
    content.accept(this);
    bytes.putShort(begin, (short) (bytes.position() - begin));
    while (bytes.position() % ALIGNMENT != 0) {
      bytes.put((byte) 0);
    }
    return this;
  }

  /** The message with that sequence number, as it is sent. */
  byte[] finish(int sequence) {
    bytes.putInt(0, bytes.position()).putInt(SEQUENCE, sequence);
    byte[] result = new byte[bytes.position()];
    bytes.get(0, result);
    return result;
  }
}
