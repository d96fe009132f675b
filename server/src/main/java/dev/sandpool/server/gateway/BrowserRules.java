package dev.sandpool.server.gateway;

import java.util.Set;

/**
 * What browsers are told about a pool's answers.
 *
 * @param sandboxed whether a document that was asked for by path is kept out of the origin that all
 *     pools share there ({@code Content-Security-Policy: sandbox}, Content Security Policy Level 3)
 * @param allowedOrigins the web origins whose scripts may call the pool, as browsers write them;
 *     {@code *} stands for all
 */
public record BrowserRules(boolean sandboxed, Set<String> allowedOrigins) {
  /** Documents by path are kept apart, and no other origin's scripts are let in. */
  public static final BrowserRules DEFAULT = new BrowserRules(true, Set.of());

  private static final String ANY = "*";

  /** Whether scripts of any other origin may call. */
  boolean letsOthersIn() {
    return !allowedOrigins.isEmpty();
  }

  boolean allows(String origin) {
    return allowedOrigins.contains(ANY) || allowedOrigins.contains(origin);
  }
}
