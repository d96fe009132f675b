package dev.sandpool.server.config;

import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What {@code sandpool serve} was told; what is empty comes from the file or the defaults.
 *
 * @param plainHttp in place of {@code server.plainHttp}
 * @param sandboxes what becomes of sandboxes when the server ends
 */
public record CommandLineOptions(
    Optional<Path> config,
    Optional<Path> dataDirectory,
    Optional<ListenAddress> listen,
    Optional<ListenAddress> managementListen,
    boolean dev,
    boolean plainHttp,
    ServerConfig.AtExit sandboxes) {
  /** Nothing was said. */
  public static final CommandLineOptions NONE =
      new CommandLineOptions(
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          Optional.empty(),
          false,
          false,
          ServerConfig.AtExit.KEEP);

  /**
   * The data directory where none was named: {@code /var/lib/sandpool} for root, else {@code
   * sandpool} in the user's state directory (XDG Base Directory Specification).
   */
  static Path defaultDataDirectory() {
    if ("root".equals(System.getProperty("user.name"))) {
      return Path.of("/var/lib/sandpool");
    }
    @Nullable String state = System.getenv("XDG_STATE_HOME");
    return state != null && state.startsWith("/")
        ? Path.of(state, "sandpool")
        : Path.of(System.getProperty("user.home"), ".local/state/sandpool");
  }
}
