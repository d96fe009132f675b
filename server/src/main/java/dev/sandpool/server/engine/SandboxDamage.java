package dev.sandpool.server.engine;

import dev.sandpool.model.SandboxId;

/**
 * A living sandbox of which somebody else took a part away.
 *
 * @param what is missing, for a person
 */
public record SandboxDamage(SandboxId id, Consequence consequence, String what) {
  /** What it means for the sandbox. */
  public enum Consequence {
    /** The engine has mended it; nothing is lost. */
    MENDED,
    /** Whoever uses it goes on, but nobody else may be given it. */
    WORN,
    /** It cannot be reached or looked after any more: it is to be ended. */
    BROKEN
  }
}
