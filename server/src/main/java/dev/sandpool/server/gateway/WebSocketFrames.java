package dev.sandpool.server.gateway;

import io.netty.buffer.ByteBuf;

/**
 * The frames of one direction of a WebSocket (RFC 6455, 5.2), followed only so far that pings and
 * pongs are told from what applications say. Nothing is refused: what is no WebSocket at all counts
 * as something said. Used on one event loop only.
 */
final class WebSocketFrames {
  private static final int PING = 0x9;
  private static final int PONG = 0xa;
  private static final int MASK_BYTES = 4;

  private Stage stage = Stage.OPCODE;
  private boolean counts;
  private int mask;
  private int lengthBytes;
  private long left;

  private enum Stage {
    OPCODE,
    LENGTH,
    LONG_LENGTH,
    PAYLOAD
  }

  /** Follows the next bytes; answers whether any of them is of a frame other than ping and pong. */
  boolean saysSomething(ByteBuf bytes) {
    boolean something = false;
    int at = bytes.readerIndex();
    int end = bytes.writerIndex();
    while (at < end) {
      if (stage == Stage.PAYLOAD) {
        long skipped = Math.min(left, end - at);
        at += (int) skipped;
        left -= skipped;
        stage = left == 0 ? Stage.OPCODE : Stage.PAYLOAD;
      } else {
        head(bytes.getByte(at) & 0xff);
        at++;
      }
      something |= counts;
    }
    return something;
  }

  private void head(int octet) {
    switch (stage) {
      case OPCODE -> {
        int opcode = octet & 0xf;
        counts = opcode != PING && opcode != PONG;
        stage = Stage.LENGTH;
      }
      case LENGTH -> {
        mask = (octet & 0x80) == 0 ? 0 : MASK_BYTES;
        int length = octet & 0x7f;
        lengthBytes = length == 126 ? 2 : length == 127 ? 8 : 0;
        left = lengthBytes == 0 ? length : 0;
        if (lengthBytes == 0) {
          begin();
        } else {
          stage = Stage.LONG_LENGTH;
        }
      }
      case LONG_LENGTH -> {
        left = left << 8 | octet;
        lengthBytes--;
        if (lengthBytes == 0) {
          begin();
        }
      }
      case PAYLOAD -> throw new IllegalStateException("a payload has no head");
    }
  }

  /** A length beyond what numbers here can say is no length that ends. */
  private void begin() {
    left = left < 0 || left > Long.MAX_VALUE - mask ? Long.MAX_VALUE : left + mask;
    stage = left == 0 ? Stage.OPCODE : Stage.PAYLOAD;
  }
}
