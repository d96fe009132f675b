package dev.sandpool.server.doctor;

import dev.sandpool.model.Isolation;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;

/**
 * What a server wants of its host.
 *
 * @param dataDirectory absolute
 * @param asked the weakest isolation with which it starts
 * @param hostMemory bytes that all sandboxes together may take
 * @param addresses where it listens; without those whose port the kernel chooses
 */
public record HostWishes(
    Path dataDirectory,
    OciEngineConfig engine,
    Isolation asked,
    long hostMemory,
    List<InetSocketAddress> addresses) {
  public HostWishes {
    addresses = List.copyOf(addresses);
  }
}
