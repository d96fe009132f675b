package dev.sandpool.server.doctor;

import dev.sandpool.model.Isolation;
import dev.sandpool.server.engine.oci.OciEngineConfig;
import java.net.InetSocketAddress;
import java.util.List;

/**
 * What a server wants of its host.
 *
 * @param engine also names the data directory
 * @param asked the weakest isolation with which it starts
 * @param hostMemory bytes that all sandboxes together may take
 * @param addresses where it listens; without those whose port the kernel chooses
 */
public record HostWishes(
    OciEngineConfig engine, Isolation asked, long hostMemory, List<InetSocketAddress> addresses) {
  public HostWishes {
    addresses = List.copyOf(addresses);
  }
}
