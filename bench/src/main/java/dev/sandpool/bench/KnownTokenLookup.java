package dev.sandpool.bench;

import dev.sandpool.server.gateway.TokenCheck;
import dev.sandpool.server.identity.Authority;
import dev.sandpool.server.identity.Identity;
import dev.sandpool.server.identity.Plane;
import dev.sandpool.server.identity.Principal;
import dev.sandpool.server.role.Roles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;
import org.openjdk.jmh.infra.Blackhole;

/**
 * JMH: how long the gateway's question takes whose a known token is, and what its caller may do.
 * Each is asked as text of its own, made just before as it comes off the wire, whose hash nobody
 * has computed yet.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 4, time = 1)
@Measurement(iterations = 6, time = 1)
@SuppressWarnings("NullAway.Init") // JMH calls verify() first.
public class KnownTokenLookup {
  /** Texts made at once: few enough for a core's own cache, as one that has just been read. */
  private static final int BATCH = 32;

  /** So many tokens are known, and asked for at random. */
  @Param({"1", "10000"})
  public int many;

  private Path folder;
  private Roles roles;
  private ProxyServer.Tokens check;
  private byte[][] wire;
  private final Random random = new Random(1);
  private final String[] fresh = new String[BATCH];

  /** Has all of them verified once. */
  @Setup
  public void verify() throws IOException {
    folder = Files.createTempDirectory("sandpool-bench");
    Identity identity = ProxyServer.identity(folder);
    roles = new Roles(List::of);
    check = new ProxyServer.Tokens(identity.verifier(), roles);
    List<String> tokens = issue(identity, many);
    // Signing and verifying is the slow part, and no part of what is measured.
    tokens.parallelStream().forEach(token -> require(check.verify(token)));
    wire =
        tokens.stream()
            .map(token -> token.getBytes(StandardCharsets.ISO_8859_1))
            .toArray(byte[][]::new);
  }

  /** Reads the next requests. */
  @Setup(Level.Invocation)
  public void read() {
    for (int i = 0; i < BATCH; i++) {
      fresh[i] = new String(wire[random.nextInt(many)], StandardCharsets.ISO_8859_1);
    }
  }

  /** What is measured. */
  @Benchmark
  @OperationsPerInvocation(BATCH)
  public void lookUp(Blackhole hole) {
    for (String token : fresh) {
      hole.consume(require(check.known(token)));
    }
  }

  /** Leaves nothing behind. */
  @TearDown
  public void close() throws IOException {
    roles.close();
    Directories.delete(folder);
  }

  /** Tokens of one principal, each another one. */
  static List<String> issue(Identity identity, int many) throws IOException {
    var made = identity.principals().create("bench", null, Duration.ofDays(1)).principal();
    var principal = new Principal(identity.tenant(), made.objectId(), made.clientId(), false);
    Authority authority = identity.authority();
    return IntStream.range(0, many)
        .parallel()
        .mapToObj(_ -> authority.issue(principal, Plane.DATA.audience()))
        .toList();
  }

  static TokenCheck.Accepted require(TokenCheck.Verdict verdict) {
    if (verdict instanceof TokenCheck.Accepted accepted) {
      return accepted;
    }
    throw new IllegalStateException("a good token was not taken: " + verdict);
  }
}
