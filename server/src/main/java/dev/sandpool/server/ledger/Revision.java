package dev.sandpool.server.ledger;

import dev.sandpool.model.Isolation;
import dev.sandpool.model.RevisionId;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One version of a pool's container template, resolved: what every sandbox of it is started from.
 *
 * @param image the reference as the operator wrote it
 * @param imageDigest what the reference meant when it was first pulled; null until then
 * @param registry login for the image; null where none is needed
 * @param env values of secrets included, so {@link #toString} leaves it out
 * @param isolation the least that the pool asks for; null takes what the engine has
 * @param probes how it is found out whether a sandbox is well
 * @param identity whether sandboxes may ask for tokens of the pool's identities
 * @param origin what it was made from, to be shown; null for one from before that was recorded
 */
public record Revision(
    RevisionId id,
    String image,
    @Nullable String imageDigest,
    @Nullable Registry registry,
    List<String> command,
    List<String> args,
    Map<String, String> env,
    double cpu,
    long memoryBytes,
    int targetPort,
    @Nullable Isolation isolation,
    Probes probes,
    boolean identity,
    @Nullable Origin origin) {
  /** One without identity, of which nobody recorded where it comes from. */
  public Revision(
      RevisionId id,
      String image,
      @Nullable String imageDigest,
      @Nullable Registry registry,
      List<String> command,
      List<String> args,
      Map<String, String> env,
      double cpu,
      long memoryBytes,
      int targetPort,
      @Nullable Isolation isolation,
      Probes probes) {
    this(
        id,
        image,
        imageDigest,
        registry,
        command,
        args,
        env,
        cpu,
        memoryBytes,
        targetPort,
        isolation,
        probes,
        false,
        null);
  }

  public Revision {
    command = List.copyOf(command);
    args = List.copyOf(args);
    env = Map.copyOf(env);
  }

  /** The same, pinned. */
  public Revision withDigest(String digest) {
    return new Revision(
        id,
        image,
        digest,
        registry,
        command,
        args,
        env,
        cpu,
        memoryBytes,
        targetPort,
        isolation,
        probes,
        identity,
        origin);
  }

  /** The same, pulled with another login. */
  public Revision withRegistry(@Nullable Registry login) {
    return new Revision(
        id,
        image,
        imageDigest,
        login,
        command,
        args,
        env,
        cpu,
        memoryBytes,
        targetPort,
        isolation,
        probes,
        identity,
        origin);
  }

  /**
   * Whether sandboxes of both would be the same. How their image is pulled makes no difference to
   * those that run, so a new password restarts nothing.
   */
  public boolean sameTemplate(Revision other) {
    return image.equals(other.image)
        && command.equals(other.command)
        && args.equals(other.args)
        && env.equals(other.env)
        && cpu == other.cpu
        && memoryBytes == other.memoryBytes
        && targetPort == other.targetPort
        && isolation == other.isolation
        && probes.equals(other.probes)
        && identity == other.identity;
  }

  @Override
  public String toString() {
    return "Revision[" + id + " " + image + "]";
  }

  /**
   * What a revision was made from.
   *
   * @param template the pool's {@code customContainerTemplate} as JSON, with secrets by their names
   */
  public record Origin(Instant createdAt, String template) {}

  /**
   * Login for a registry; {@link #toString} keeps the password.
   *
   * @param identity who pulls in place of a user and password, which are empty then: {@code system}
   *     or a resource id; null where a user does
   */
  public record Registry(
      String server, String username, String password, @Nullable String identity) {
    /** That of a user. */
    public Registry(String server, String username, String password) {
      this(server, username, password, null);
    }

    /** That of one of the pool's identities. */
    public static Registry of(String server, String identity) {
      return new Registry(server, "", "", identity);
    }

    @Override
    public String toString() {
      return "Registry[" + username + "@" + server + "]";
    }
  }
}
