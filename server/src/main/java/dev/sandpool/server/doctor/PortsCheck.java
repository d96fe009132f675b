package dev.sandpool.server.doctor;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Whether the server could listen, or does.
 *
 * @param addresses where
 */
record PortsCheck(ServerFolder folder, List<InetSocketAddress> addresses)
    implements Check.Examination {
  @Override
  public List<Finding> examine() throws IOException {
    Set<Long> server = folder.processes();
    List<Finding> findings = new ArrayList<>();
    for (InetSocketAddress address : addresses) {
      findings.add(examine(address, server));
    }
    return findings;
  }

  private static Finding examine(InetSocketAddress address, Set<Long> server) throws IOException {
    String subject = address.getHostString() + ":" + address.getPort();
    Optional<String> refusal = refusal(address);
    if (refusal.isEmpty()) {
      return Finding.ok(subject, "free");
    }
    List<Listener> others = new ArrayList<>();
    Optional<Long> own = Optional.empty();
    for (Listener listener : Listener.inTheWayOf(address)) {
      Optional<Long> its = server.stream().filter(listener::openIn).findFirst();
      if (its.isEmpty()) {
        others.add(listener);
      }
      own = own.or(() -> its);
    }
    return own.isPresent() && others.isEmpty()
        ? Finding.ok(subject, "the server of this data directory listens there, pid " + own.get())
        : Finding.failed(
            subject,
            refusal.get() + names(others),
            server.isEmpty()
                ? "the server does not start"
                : "the server that runs does not listen there, and does not start again",
            "end what listens there (ss -ltnp), or choose another address (--listen)");
  }

  /** In brackets who they are, as far as can be told. */
  private static String names(List<Listener> listeners) {
    String names =
        listeners.stream()
            .flatMap(listener -> listener.owner().stream())
            .map(PortsCheck::name)
            .distinct()
            .collect(Collectors.joining(", "));
    return names.isEmpty() ? "" : " (" + names + ")";
  }

  private static String name(ProcessHandle process) {
    return process.info().command().map(program -> program + ", ").orElse("")
        + "pid "
        + process.pid();
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
