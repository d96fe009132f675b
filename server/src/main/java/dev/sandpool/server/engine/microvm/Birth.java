package dev.sandpool.server.engine.microvm;

/** How a machine begins. */
sealed interface Birth {
  /** Its kernel boots. */
  record Boot() implements Birth {
    @Override
    public String kind() {
      return "machine";
    }
  }

  /**
   * It boots, in memory that others can begin with when it is ready.
   *
   * @param key of the snapshot that is to become of it
   */
  record Pattern(String key) implements Birth {
    @Override
    public String kind() {
      return "pattern";
    }
  }

  /** It goes on where its pattern was. */
  record Clone(Snapshot snapshot) implements Birth {
    @Override
    public String kind() {
      return "clone";
    }
  }

  /** For the {@link Supervisor}. */
  String kind();
}
