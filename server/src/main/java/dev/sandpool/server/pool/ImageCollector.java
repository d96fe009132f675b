package dev.sandpool.server.pool;

import dev.sandpool.server.engine.RunningSandbox;
import dev.sandpool.server.image.Retention;
import dev.sandpool.server.ledger.PoolRecord;
import dev.sandpool.server.ledger.Revision;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has images removed that nothing uses. */
final class ImageCollector {
  private static final Logger log = LoggerFactory.getLogger(ImageCollector.class);

  private final KeeperParts parts;
  private final Retention retention;

  ImageCollector(KeeperParts parts, Retention retention) {
    this.parts = parts;
    this.retention = retention;
  }

  /** Once. If not everybody who may use one can be asked, none is removed. */
  void collect() {
    try {
      Set<String> inUse = new HashSet<>(running());
      parts.ledger().pools().forEach(pool -> digests(pool).forEach(inUse::add));
      List<String> gone = parts.images().collect(inUse, retention, parts.time().now());
      gone.forEach(digest -> log.info("image {} was unused for long and is removed", digest));
    } catch (IOException | RuntimeException e) {
      log.warn("unused images are kept for now: {}", e.toString());
    }
    try {
      parts.engine().retainSnapshots(snapshots());
    } catch (RuntimeException e) {
      log.warn("unused snapshots are kept for now: {}", e.toString());
    }
  }

  private Set<String> snapshots() {
    return parts.ledger().pools().stream()
        .filter(pool -> parts.snapshotStart().test(pool))
        .flatMap(pool -> Snapshotting.names(pool).stream())
        .collect(Collectors.toSet());
  }

  /** Digests of what sandboxes run, whatever revision they are of. */
  Set<String> running() {
    return parts.engine().running().stream()
        .map(RunningSandbox::imageDigest)
        .collect(Collectors.toSet());
  }

  private static Stream<String> digests(PoolRecord pool) {
    return Stream.of(Optional.of(pool.desired()), Optional.ofNullable(pool.active()))
        .flatMap(Optional::stream)
        .map(Revision::imageDigest)
        .filter(Objects::nonNull);
  }
}
