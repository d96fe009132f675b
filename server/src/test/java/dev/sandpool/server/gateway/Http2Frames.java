package dev.sandpool.server.gateway;

import io.netty.buffer.Unpooled;
import io.netty.handler.codec.http2.DefaultHttp2HeadersDecoder;
import io.netty.handler.codec.http2.Http2Exception;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Frames of HTTP/2 written by hand, as no library would, and read one by one. */
final class Http2Frames {
  static final byte[] PREFACE =
      "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII);
  static final int DATA = 0;
  static final int HEADERS = 1;
  static final int PRIORITY = 2;
  static final int RST_STREAM = 3;
  static final int SETTINGS = 4;
  static final int PUSH_PROMISE = 5;
  static final int PING = 6;
  static final int GOAWAY = 7;
  static final int WINDOW_UPDATE = 8;
  static final int CONTINUATION = 9;
  static final int ACK = 1;
  static final int END_STREAM = 1;
  static final int END_HEADERS = 4;
  static final int PADDED = 8;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  /** One that came. */
  static final class Frame {
    private final int type;
    private final int flags;
    private final int stream;
    private final byte[] payload;

    Frame(int type, int flags, int stream, byte[] payload) {
      this.type = type;
      this.flags = flags;
      this.stream = stream;
      this.payload = payload;
    }

    int stream() {
      return stream;
    }

    int type() {
      return type;
    }

    int flags() {
      return flags;
    }

    byte[] payload() {
      return payload;
    }

    /** The first four bytes after {@code skipped}: an error code, mostly. */
    int number(int skipped) {
      return ByteBuffer.wrap(payload).getInt(skipped);
    }

    /** The status of an answer's head. */
    int status() throws IOException {
      int priority = (flags & 0x20) == 0 ? 0 : 5;
      byte[] block = Arrays.copyOfRange(payload, priority, payload.length);
      try {
        var headers =
            new DefaultHttp2HeadersDecoder().decodeHeaders(1, Unpooled.wrappedBuffer(block));
        return Integer.parseInt(headers.status().toString());
      } catch (Http2Exception e) {
        throw new IOException(e);
      }
    }
  }

  /** Begins with the preface and settings of nothing. */
  static Http2Frames begin() {
    var frames = new Http2Frames();
    frames.out.writeBytes(PREFACE);
    return frames.frame(SETTINGS, 0, 0);
  }

  /** Goes on after others. */
  static Http2Frames more() {
    return new Http2Frames();
  }

  Http2Frames frame(int type, int flags, int stream, byte... payload) {
    out.write(payload.length >> 16);
    out.write(payload.length >> 8);
    out.write(payload.length);
    out.write(type);
    out.write(flags);
    out.writeBytes(ByteBuffer.allocate(4).putInt(stream).array());
    out.writeBytes(payload);
    return this;
  }

  byte[] bytes() {
    return out.toByteArray();
  }

  /** The block of a request's head, without indices: names and values in turn follow. */
  static byte[] block(String method, String path, String... more) {
    var block = new ByteArrayOutputStream();
    literal(block, ":method", method);
    literal(block, ":scheme", "http");
    literal(block, ":authority", "gw.test");
    literal(block, ":path", GatewayBed.BASE + path);
    literal(block, "authorization", "Bearer " + GatewayBed.TOKEN);
    for (int i = 0; i < more.length; i += 2) {
      literal(block, more[i], more[i + 1]);
    }
    return block.toByteArray();
  }

  /** A block of any fields, without indices: names and values in turn. */
  static byte[] fields(String... namesAndValues) {
    var block = new ByteArrayOutputStream();
    for (int i = 0; i < namesAndValues.length; i += 2) {
      literal(block, namesAndValues[i], namesAndValues[i + 1]);
    }
    return block.toByteArray();
  }

  private static void literal(ByteArrayOutputStream out, String name, String value) {
    out.write(0);
    text(out, name);
    text(out, value);
  }

  private static void text(ByteArrayOutputStream out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    if (bytes.length < 127) {
      out.write(bytes.length);
    } else {
      out.write(127);
      int rest = bytes.length - 127;
      while (rest >= 128) {
        out.write(rest % 128 + 128);
        rest /= 128;
      }
      out.write(rest);
    }
    out.writeBytes(bytes);
  }

  /** The next frame. */
  static Frame read(DataInputStream in) throws IOException {
    int lengthAndType = in.readInt();
    int flags = in.readUnsignedByte();
    int stream = in.readInt();
    byte[] payload = in.readNBytes(lengthAndType >>> 8);
    return new Frame(lengthAndType & 0xff, flags, stream, payload);
  }
}
