package dev.sandpool.cli.rest;

import dev.sandpool.cli.Shell;
import tools.jackson.databind.JsonNode;

/** Says on standard error how far an operation is: one line rewritten, or one a change. */
public final class Progress implements AutoCloseable {
  private final Shell shell;
  private final String subject;
  private String last = "";

  public Progress(Shell shell, String subject) {
    this.shell = shell;
    this.subject = subject;
  }

  /** Shows the state, if it is another than the last. */
  public void show(String state) {
    if (state.equals(last)) {
      return;
    }
    last = state;
    if (shell.streams().terminalErr()) {
      shell.err().print("\r\033[K" + subject + ": " + state);
      shell.err().flush();
    } else {
      shell.err().println(subject + ": " + state);
    }
  }

  /** Leaves the cursor on an empty line, so that what follows does not stand behind the state. */
  @Override
  public void close() {
    if (shell.streams().terminalErr() && !last.isEmpty()) {
      shell.err().print("\r\033[K");
      shell.err().flush();
    }
  }

  /** What an operation's status says: "pulling image", "starting 2/5", or just "in progress". */
  static String describe(JsonNode operation) {
    JsonNode details = operation.path("properties");
    String phase = details.path("phase").asString("");
    int wanted = details.path("wanted").asInt(0);
    if (phase.startsWith("pulling") || (wanted == 0 && !phase.isEmpty())) {
      return phase;
    }
    if (wanted > 0) {
      String word = phase.isEmpty() ? "starting" : phase;
      return word + " " + details.path("ready").asInt(0) + "/" + wanted;
    }
    return "in progress";
  }
}
