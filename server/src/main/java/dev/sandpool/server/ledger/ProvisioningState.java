package dev.sandpool.server.ledger;

/** ARM's word for how far a change has come (contract 1.2). */
public enum ProvisioningState {
  IN_PROGRESS("InProgress"),
  SUCCEEDED("Succeeded"),
  FAILED("Failed"),
  DELETING("Deleting");

  private final String wire;

  ProvisioningState(String wire) {
    this.wire = wire;
  }

  /** The contract's spelling. */
  public String wire() {
    return wire;
  }
}
