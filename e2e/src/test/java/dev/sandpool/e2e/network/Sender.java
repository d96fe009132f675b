package dev.sandpool.e2e.network;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * A root process in a slot's namespace that writes whole Ethernet frames, as a guest could that has
 * taken over its kernel.
 */
final class Sender implements AutoCloseable {
  private static final String SCRIPT =
      """
      import socket, struct, sys
      s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(3))
      s.bind(("eth0", 0))
      s.settimeout(0.15)
      mac = s.getsockname()[4]

      def total(data):
          data += b"\\0" * (len(data) % 2)
          n = sum(struct.unpack("!%dH" % (len(data) // 2), data))
          while n >> 16:
              n = (n & 0xffff) + (n >> 16)
          return ~n & 0xffff

      def ip(src, dst, proto, body, flags=0, ident=77):
          head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(body), ident, flags, 64, proto, 0,
                             socket.inet_aton(src), socket.inet_aton(dst))
          return head[:10] + struct.pack("!H", total(head)) + head[12:] + body

      def checked(src, dst, proto, body, at):
          pseudo = socket.inet_aton(src) + socket.inet_aton(dst) + struct.pack("!BBH", 0, proto, len(body))
          return body[:at] + struct.pack("!H", total(pseudo + body)) + body[at + 2:]

      def udp(src, dst, size=4, port=5000):
          return checked(src, dst, 17, struct.pack("!HHHH", 4000, port, 8 + size, 0) + b"x" * size, 6)

      def tcp(src, dst, flags, port=5000):
          return checked(src, dst, 6, struct.pack("!HHIIBBHHH", 4000 + flags, port, 1, 0, 0x50, flags, 1000, 0, 0), 16)

      def frame(kind, body):
          return mac + mac + struct.pack("!H", kind) + body

      def frames(kind, src, dst):
          if kind == "udp":
              return [frame(0x800, ip(src, dst, 17, udp(src, dst)))]
          if kind == "dns":
              return [frame(0x800, ip(src, dst, 17, udp(src, dst, port=53)))]
          if kind == "syn":
              return [frame(0x800, ip(src, dst, 6, tcp(src, dst, 2)))]
          if kind == "door":
              return [frame(0x800, ip(src, dst, 6, tcp(src, dst, 2, 42356)))]
          if kind == "ack":
              return [frame(0x800, ip(src, dst, 6, tcp(src, dst, 16)))]
          if kind == "icmp":
              echo = struct.pack("!BBHHH", 8, 0, 0, 1, 1)
              return [frame(0x800, ip(src, dst, 1, echo[:2] + struct.pack("!H", total(echo)) + echo[4:]))]
          if kind == "gre":
              return [frame(0x800, ip(src, dst, 47, b"\\0" * 8))]
          if kind == "fragments":
              body = udp(src, dst, 56)
              return [frame(0x800, ip(src, dst, 17, body[:32], 0x2000)),
                      frame(0x800, ip(src, dst, 17, body[32:], 4))]
          if kind == "ipv6":
              echo = struct.pack("!BBHHH", 128, 0, 0, 1, 1)
              a, b = (socket.inet_pton(socket.AF_INET6, x) for x in ("fe80::99", "ff02::1"))
              pseudo = a + b + struct.pack("!IHBB", len(echo), 0, 0, 58)
              echo = echo[:2] + struct.pack("!H", total(pseudo + echo)) + echo[4:]
              return [frame(0x86dd, struct.pack("!IHBB", 6 << 28, len(echo), 58, 255) + a + b + echo)]
          if kind == "arp":
              return [frame(0x806, struct.pack("!HHBBH6s4s6s4s", 1, 0x800, 6, 4, 1, mac,
                            socket.inet_aton(src), b"\\0" * 6, socket.inet_aton(dst)))]
          raise ValueError(kind)

      for line in sys.stdin:
          kind, src, dst = line.split()
          for one in frames(kind, src, dst):
              s.send(one)
          said = "silence"
          try:
              while True:
                  got = s.recvfrom(2000)
                  if got[1][2] != 4 and (kind != "arp" or got[0][12:14] == b"\\x08\\x06"):
                      said = "answer"
                      break
          except socket.timeout:
              pass
          print(said, flush=True)
      """;

  private final Process process;
  private final BufferedReader answers;

  Sender(String namespace) throws IOException {
    process =
        new ProcessBuilder("ip", "netns", "exec", namespace, "python3", "-c", SCRIPT)
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** Whether anything came back within 150 ms. */
  boolean send(String kind, String source, String destination) throws IOException {
    OutputStream out = process.getOutputStream();
    out.write((kind + " " + source + " " + destination + "\n").getBytes(StandardCharsets.UTF_8));
    out.flush();
    String said = answers.readLine();
    if (said == null) {
      throw new IOException("the sender ended");
    }
    return said.equals("answer");
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
