package dev.sandpool.server.engine.oci;

import dev.sandpool.server.engine.SnapshotLoss;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the engine's listener of snapshots that nothing starts from; it may come later than they.
 */
final class Alarms implements BiConsumer<String, String> {
  private static final Logger LOG = LoggerFactory.getLogger(Alarms.class);

  private volatile @Nullable Consumer<SnapshotLoss> listener;

  void listen(Consumer<SnapshotLoss> newListener) {
    listener = newListener;
  }

  @Override
  public void accept(String name, String why) {
    LOG.warn("sandboxes of {} boot: {}", name, why);
    Consumer<SnapshotLoss> told = listener;
    if (told != null) {
      told.accept(new SnapshotLoss(name, why));
    }
  }
}
