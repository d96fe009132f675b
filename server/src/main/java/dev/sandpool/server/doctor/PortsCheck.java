package dev.sandpool.server.doctor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Whether the server could listen.
 *
 * @param addresses where
 */
record PortsCheck(ServerFolder folder, List<InetSocketAddress> addresses)
    implements Check.Examination {
  @Override
  public List<Finding> examine() throws IOException {
    Optional<Long> holder = folder.holder();
    List<Finding> findings = new ArrayList<>();
    for (InetSocketAddress address : addresses) {
      findings.add(
          judge(address.getHostString() + ":" + address.getPort(), refusal(address), holder));
    }
    return findings;
  }

  /**
   * @param refusal what the kernel said to listening there
   * @param holder the server that runs
   */
  static Finding judge(String address, Optional<String> refusal, Optional<Long> holder) {
    if (refusal.isEmpty()) {
      return Finding.ok(address, "free");
    }
    return holder.isPresent()
        ? Finding.ok(address, "in use; a server of this data directory runs, pid " + holder.get())
        : Finding.failed(
            address,
            refusal.get(),
            "the server does not start",
            "end what listens there (ss -ltnp), or choose another address (--listen)");
  }

  private static Optional<String> refusal(InetSocketAddress address) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true);
      socket.bind(address);
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e.getMessage() + "");
    }
  }
}
