package dev.sandpool.server.workload;

import dev.sandpool.server.session.Rate;
import dev.sandpool.server.time.Time;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * What one sandbox gets for its questions: {@code GET
 * /msi/token?resource=..&api-version=2019-08-01} with {@code X-IDENTITY-HEADER} (contract, part 6).
 * Knows nothing of connections.
 */
final class Desk {
  static final String PATH = "/msi/token";
  static final String VERSION = "2019-08-01";

  /** Programs keep their tokens; one that asks more often than this is broken or hostile. */
  private static final int MOST_A_MINUTE = 120;

  private static final int MOST_KEPT = 64;

  /** Of an audience: visible characters, none that would end a word of a scope. */
  private static final Pattern RESOURCE = Pattern.compile("[!-~&&[^\"\\\\]]{1,1024}");

  private final byte[] secret;
  private final Supplier<List<Grant>> grants;
  private final TokenSource tokens;
  private final Time time;
  private final Rate rate;
  private final Lock turn = new ReentrantLock();

  private record Key(String clientId, String resource) {}

  private final Map<Key, WorkloadToken> kept =
      new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, WorkloadToken> eldest) {
          return size() > MOST_KEPT;
        }
      };

  /**
   * @param secret what the sandbox must show
   * @param grants asked at each question: what a pool takes away is gone at once
   */
  Desk(String secret, Supplier<List<Grant>> grants, TokenSource tokens, Time time) {
    this.secret = secret.getBytes(StandardCharsets.US_ASCII);
    this.grants = grants;
    this.tokens = tokens;
    this.time = time;
    this.rate = new Rate(time.nanos());
  }

  /**
   * A request, as far as anybody looks at it.
   *
   * @param secrets all headers {@code X-IDENTITY-HEADER}
   */
  record Question(
      String method, String path, Map<String, List<String>> query, List<String> secrets) {
    @Override
    public String toString() {
      return "Question[" + method + " " + path + "]";
    }
  }

  /** Answers; blocks while a token is fetched. */
  Reply answer(Question question) {
    long wait = rate.take(time.nanos(), MOST_A_MINUTE, TimeUnit.MINUTES.toNanos(1));
    if (wait > 0) {
      return Reply.refused(429, "too many requests for tokens").after(Rate.seconds(wait));
    }
    if (!question.path().equals(PATH)) {
      return Reply.refused(404, "there is nothing here but " + PATH);
    }
    if (!question.method().equals("GET")) {
      return Reply.refused(405, "only GET is possible here");
    }
    if (question.secrets().size() != 1 || !shown(question.secrets().getFirst())) {
      return Reply.refused(401, "X-IDENTITY-HEADER is not the value of IDENTITY_HEADER");
    }
    turn.lock();
    try {
      return token(new Query(question.query()));
    } catch (Query.Wrong e) {
      return Reply.refused(400, String.valueOf(e.getMessage()));
    } catch (TokenSource.Refusal e) {
      return Reply.refused(e.passing() ? 503 : 400, String.valueOf(e.getMessage()));
    } finally {
      turn.unlock();
    }
  }

  private boolean shown(String given) {
    return MessageDigest.isEqual(secret, given.getBytes(StandardCharsets.UTF_8));
  }

  private Reply token(Query query) throws Query.Wrong, TokenSource.Refusal {
    String version = query.one("api-version").orElse("");
    if (!version.equals(VERSION)) {
      throw new Query.Wrong("'api-version' must be " + VERSION);
    }
    String resource =
        query.one("resource").orElseThrow(() -> new Query.Wrong("'resource' is missing"));
    if (!RESOURCE.matcher(resource).matches()) {
      throw new Query.Wrong("'resource' must be 1 to 1024 visible characters");
    }
    Grant grant = query.choose(grants.get());
    return Reply.token(fresh(grant, resource), resource, grant.clientId());
  }

  private WorkloadToken fresh(Grant grant, String resource) throws TokenSource.Refusal {
    Instant now = time.now();
    var key = new Key(grant.clientId(), resource);
    Optional<WorkloadToken> known = Optional.ofNullable(kept.get(key)).filter(it -> it.fresh(now));
    if (known.isPresent()) {
      return known.get();
    }
    WorkloadToken token = tokens.token(grant, resource);
    kept.put(key, token);
    return token;
  }
}
