package dev.sandpool.server.ledger;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A check of a container's health (contract 1.2). The ledger stores it as JSON under these names.
 * It always goes to the sandbox itself.
 *
 * @param port 1 to 65535
 * @param http what is asked for; null where it is enough that a TCP connection is accepted
 * @param failureThreshold failures in a row after which the sandbox has failed, at least 1
 * @param initialDelaySeconds before the first check, 0 or more
 * @param periodSeconds between checks, at least 1
 * @param timeoutSeconds that one check may take, at least 1
 * @param terminationGracePeriodSeconds between asking a sandbox that failed to end and killing it;
 *     null takes the server's
 */
public record Probe(
    int port,
    @Nullable Http http,
    int failureThreshold,
    int initialDelaySeconds,
    int periodSeconds,
    int timeoutSeconds,
    @Nullable Integer terminationGracePeriodSeconds) {

  /**
   * A GET whose answer's status must be 200 to 399.
   *
   * @param tls whether it is asked over TLS; the certificate is not checked, as it is the tenant's
   *     own
   * @param host the {@code Host} header; null takes the sandbox's address
   */
  public record Http(boolean tls, String path, @Nullable String host, List<Header> headers) {
    public Http {
      headers = List.copyOf(headers);
    }
  }

  /** A header field of the request. */
  public record Header(String name, String value) {}

  /** Whether a port takes connections, asked once with that patience. */
  public static Probe accepts(int port, int timeoutSeconds) {
    return new Probe(port, null, 1, 0, 1, timeoutSeconds, null);
  }
}
