package dev.sandpool.server.gateway;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.AsciiString;
import java.util.Arrays;

/**
 * Where a request head is put together: one growing array for each event loop, copied out once when
 * the head is complete. Text is Latin-1, so that every octet of a target or header arrives as it
 * came.
 */
final class HeadBuffer {
  private byte[] bytes = new byte[4096];
  private int length;

  HeadBuffer clear() {
    length = 0;
    return this;
  }

  HeadBuffer put(CharSequence text) {
    int more = text.length();
    reserve(more);
    if (text instanceof AsciiString ascii) {
      System.arraycopy(ascii.array(), ascii.arrayOffset(), bytes, length, more);
    } else {
      putLatin1(text.toString(), more);
    }
    length += more;
    return this;
  }

  /** The deprecated method drops the high byte of each character: Latin-1, without a copy. */
  @SuppressWarnings("deprecation")
  private void putLatin1(String text, int more) {
    text.getBytes(0, more, bytes, length);
  }

  HeadBuffer put(byte[] text) {
    reserve(text.length);
    System.arraycopy(text, 0, bytes, length, text.length);
    length += text.length;
    return this;
  }

  /** The request's name in the form of a UUID, without a string in between. */
  HeadBuffer put(RequestId id) {
    reserve(RequestId.LENGTH);
    id.put(bytes, length);
    length += RequestId.LENGTH;
    return this;
  }

  /** The request's name as a trace and a span, without a string in between. */
  HeadBuffer putTraceAndSpan(RequestId id) {
    reserve(RequestId.TRACE_LENGTH);
    id.putTraceAndSpan(bytes, length);
    length += RequestId.TRACE_LENGTH;
    return this;
  }

  private void reserve(int more) {
    if (length + more > bytes.length) {
      bytes = Arrays.copyOf(bytes, Math.max(bytes.length * 2, length + more));
    }
  }

  /** A copy of what was put, to be released by who gets it. */
  ByteBuf copy(ByteBufAllocator allocator) {
    return allocator.ioBuffer(length).writeBytes(bytes, 0, length);
  }
}
