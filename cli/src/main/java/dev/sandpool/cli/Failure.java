package dev.sandpool.cli;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Why a command ends without having done what was asked; becomes one ERROR line and an exit code.
 */
public final class Failure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** The exit code of a failed command. */
  public static final int ERROR = 1;

  /** The exit code of a command line that was wrong in itself. */
  public static final int USAGE = 2;

  /** The exit code where the thing named does not exist. */
  public static final int NOT_FOUND = 3;

  private final int exitCode;
  private final @Nullable String code;
  private final transient List<String> details;

  /**
   * @param code the server's or our stable name of the error, absent for a wrong command line
   * @param message one sentence
   * @param details further lines, shown beneath
   */
  public Failure(int exitCode, @Nullable String code, String message, List<String> details) {
    super(message);
    this.exitCode = exitCode;
    this.code = code;
    this.details = List.copyOf(details);
  }

  /** A wrong command line, found before anything was sent. */
  public static Failure usage(String message) {
    return new Failure(USAGE, null, message, List.of());
  }

  /** A failure of our own. */
  public static Failure error(String code, String message, String... details) {
    return new Failure(ERROR, code, message, List.of(details));
  }

  /** 1, 2 or 3. */
  public int exitCode() {
    return exitCode;
  }

  /** What is written to standard error, lines parted by line feeds. */
  public String text() {
    var text = new StringBuilder("ERROR: ");
    if (code != null) {
      text.append('(').append(code).append(") ");
    }
    text.append(getMessage());
    details.forEach(line -> text.append("\n  ").append(line));
    return text.toString();
  }
}
