package dev.sandpool.server.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A ping must be told from a message however the bytes are cut, and whatever a message holds. */
class WebSocketFramesTest {
  private static final int TEXT = 0x1;
  private static final int CLOSE = 0x8;
  private static final int PING = 0x9;
  private static final int PONG = 0xa;

  private static byte[] frame(int opcode, int length, boolean masked) {
    ByteBuf frame = Unpooled.buffer();
    frame.writeByte(0x80 | opcode);
    int mask = masked ? 0x80 : 0;
    if (length < 126) {
      frame.writeByte(mask | length);
    } else if (length < 65_536) {
      frame.writeByte(mask | 126).writeShort(length);
    } else {
      frame.writeByte(mask | 127).writeLong(length);
    }
    // Mask and payload both look like the head of another frame: only lengths may be believed.
    frame.writeBytes(new byte[masked ? 4 : 0]).writeZero(0);
    for (int i = 0; i < length; i++) {
      frame.writeByte(opcode == TEXT ? 0x80 | PING : 0x80 | TEXT);
    }
    byte[] bytes = new byte[frame.readableBytes()];
    frame.readBytes(bytes);
    return bytes;
  }

  private static boolean says(WebSocketFrames frames, byte... bytes) {
    return frames.saysSomething(Unpooled.wrappedBuffer(bytes));
  }

  @Test
  void pingsAndPongsSayNothing_messagesAndFarewellsDo() {
    var frames = new WebSocketFrames();

    assertThat(says(frames, frame(PING, 0, true))).isFalse();
    assertThat(says(frames, frame(PONG, 125, false))).isFalse();
    assertThat(says(frames, frame(TEXT, 0, true))).isTrue();
    assertThat(says(frames, frame(PING, 5, true))).isFalse();
    assertThat(says(frames, frame(CLOSE, 2, true))).isTrue();
  }

  @Test
  void lengthThatNoNumberHoldsIsNeverOver() {
    var frames = new WebSocketFrames();
    byte[] head = {(byte) 0x82, (byte) 0xff, -1, -1, -1, -1, -1, -1, -1, -1};

    assertThat(says(frames, head)).isTrue();
    assertThat(says(frames, frame(PING, 0, false))).as("the payload goes on").isTrue();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void cutAnywhere_eachMessageIsSeenAndNoPingIs(long seed) {
    var random = new Random(seed);
    var frames = new WebSocketFrames();
    for (int round = 0; round < 200; round++) {
      boolean message = random.nextBoolean();
      int length = message ? random.nextInt(70_000) : random.nextInt(126);
      byte[] bytes = frame(message ? TEXT : PING, length, random.nextBoolean());
      List<Boolean> said = new ArrayList<>();
      int at = 0;
      while (at < bytes.length) {
        int next = Math.min(bytes.length, at + 1 + random.nextInt(bytes.length));
        said.add(frames.saysSomething(Unpooled.wrappedBuffer(bytes, at, next - at)));
        at = next;
      }
      assertThat(said).as("seed %d, round %d", seed, round).containsOnly(message);
    }
  }
}
