package dev.sandpool.server.engine.microvm;

/** Whether machines may run on a processor that a program plays. */
public enum Emulation {
  /** Only on the hardware's own (KVM), or not at all. */
  FORBIDDEN,
  /** Where no guest boots on the hardware's own. */
  ALLOWED,
  /** Always; the hardware's is not tried. */
  FORCED
}
