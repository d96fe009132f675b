package dev.sandpool.server.workload;

import dev.sandpool.model.PoolId;
import java.util.List;

/** Which identities pools give to their containers, as of now. */
@FunctionalInterface
public interface Grants {
  /** Those of a pool; none for one that is gone. May block. */
  List<Grant> of(PoolId pool);
}
