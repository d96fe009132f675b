package dev.sandpool.server.workload;

/** Where tokens of identities come from. */
public interface TokenSource {
  /**
   * A token of that identity for that audience. May block.
   *
   * @param resource as the container asked for it: never more than a word in a request or a token
   */
  WorkloadToken token(Grant grant, String resource) throws Refusal;

  /** No token, with a reason that the container may read. */
  final class Refusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final boolean passing;

    /** A refusal for that reason. */
    public Refusal(String message, boolean passing) {
      super(message);
      this.passing = passing;
    }

    /** Whether asking again may help. */
    public boolean passing() {
      return passing;
    }
  }
}
