package dev.sandpool.server.session;

/**
 * What a gateway keeps for one sandbox, its connections above all; closed with the session (G3).
 */
public interface Upstream extends AutoCloseable {
  /** Cuts all connections. May be called more than once, from any thread. */
  @Override
  void close();
}
